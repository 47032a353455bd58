"""Print pip constraints that hold every dependency at the oldest version that is declared.

What is declared is read from the metadata of the installed package, so it must be installed;
`pip install --no-deps` will do.
"""

import re
from importlib.metadata import requires

# What the oldest versions ask of packages that are not dependencies of this one.
INDIRECT = [
    "pyparsing<3.2",  # matplotlib 3.7 calls what later ones warn of
]

lower_bounds = re.findall(r"^([\w.-]+)>=([\w.]+)", "\n".join(requires("sklearn-textnn")), re.M)
print(*sorted({f"{name}=={version}" for name, version in lower_bounds}), *INDIRECT, sep="\n")
