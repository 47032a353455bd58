"""Configuration of the Sphinx build, which `make docs` runs. The build needs no network."""

import os
import sys
from html import escape
from importlib import import_module
from pathlib import Path

# Set before an example imports TensorFlow: only errors are shown, and figures open no window.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

from docutils import nodes
from docutils.utils import get_source_line

import sklearn_textnn

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))

from curve_shapes import write_curve_shapes
from performance import write_summary
from readme_example import write_output_and_figures
from versions import LIST, folder_of, write_versions

project = "sklearn_textnn"
author = copyright = "The sklearn_textnn developers"
version = release = sklearn_textnn.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
default_role = "literal"  # single backticks in docstrings are code, as in scikit-learn
nitpicky = True

# Pages in Markdown

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_exclude = ".linenos, .gp, .go"
# Output has no button to copy it.
copybutton_selector = (
    "div[class*=highlight-]:not(.highlight-text, .highlight-none) div.highlight pre"
)

# Docstrings

autosummary_generate = True
GALLERY_IMAGE = "auto_examples/{}/images/sphx_glr_plot_{}_001.png"
autosummary_context = {
    "guide": {  # the chapter of the guide that a page of the API links to
        "EpochGridSearchCV": "epochs_and_units",
        "EpochHalvingRandomSearchCV": "epochs_and_units",
        "EpochHalvingSearchCV": "epochs_and_units",
        "EpochRandomizedSearchCV": "epochs_and_units",
        "EpochSearchDisplay": "epochs_and_units",
        "KerasBinaryReviewClassifier": "networks",
        "KerasTopicClassifier": "networks",
        "LogCountRatioTransformer": "vectors",
        "MultiHotVectorizer": "vectors",
        "TrainingCurveDisplay": "curves",
        "WordContributionDisplay": "explaining",
        "to_keras": "production",
        "to_onnx": "production",
        "training_curve": "curves",
        "word_contributions": "explaining",
    },
    "pictures": {  # what a display draws, and that in words, for its page
        "EpochSearchDisplay": (
            GALLERY_IMAGE.format("choose", "06_search_epochs_and_units"),
            "Mean test score over the epochs in a panel for each number of units, with its spread",
        ),
        "TrainingCurveDisplay": (
            "generated/readme_figure_light.png",
            "Training loss falls over 20 epochs; validation loss is lowest at epoch 6",
        ),
        "WordContributionDisplay": (
            GALLERY_IMAGE.format("understand", "12_find_a_leak"),
            "The words that contribute most for and against negative and positive reviews",
        ),
    },
}
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings have the types, in words
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # the class template lists them
numpydoc_use_plots = False

# Examples, which the build runs and tests

SECTIONS = [f"../examples/{name}" for name in ("start", "choose", "understand", "scale")]

sphinx_gallery_conf = {
    "examples_dirs": str(ROOT / "examples"),
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "subsection_order": SECTIONS,
    "within_subsection_order": "FileNameSortKey",
    "doc_module": ("sklearn_textnn",),
    "backreferences_dir": "generated/backreferences",
    "image_scrapers": ("matplotlib", "example_checks.keep_variables"),
    "reset_modules": ("matplotlib", "example_checks.check_example"),
    "reset_modules_order": "both",
    "image_srcset": ["2x"],
    "capture_repr": ("_repr_html_", "__repr__"),
    "ignore_repr_types": r"matplotlib",
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,  # that page loads scripts from the network
}

# Appearance

# Pages of wide tables, which have the whole width.
WIDE_PAGES = ["cheat_sheet", "comparison", "datasets", "troubleshooting"] + [
    f"benchmarks/{page.stem}" for page in (ROOT / "docs" / "benchmarks").glob("*.md")
]
html_theme = "pydata_sphinx_theme"
html_title = "sklearn_textnn"
html_static_path = ["_static"]
html_css_files = ["textnn.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "sklearn_textnn"},
    "navbar_align": "left",
    "header_links_before_dropdown": 9,
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"]} | {page: [] for page in WIDE_PAGES},
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_favicon = "_static/favicon.svg"
html_extra_path = ["llms.txt"]  # a summary for programs that read
html_baseurl = os.environ.get("DOCS_BASE_URL", "")  # where the pages will be, if that is known
if html_baseurl:
    html_baseurl = f"{html_baseurl.rstrip('/')}/"
    # A menu of the versions, which are in folders side by side.
    html_theme_options |= {
        "switcher": {"json_url": LIST, "version_match": folder_of(release)},
        "check_switcher": False,  # it is written at the end of the build
        "navbar_end": ["version-switcher", "theme-switcher"],
        "show_version_warning_banner": True,
    }
# Pages that stand alone have no list of their section beside them.
html_sidebars = {page: [] for page in ("install", "quickstart")}

# Links to other projects are built from the names, so no inventory is downloaded. A name that
# cannot be imported is a broken link, which nitpicky turns into an error.

PAGES_OF = {
    "numpy": "https://numpy.org/doc/stable/reference/generated/{}.html",
    "pandas": "https://pandas.pydata.org/docs/reference/api/{}.html",
    "scipy": "https://docs.scipy.org/doc/scipy/reference/generated/{}.html",
    "sklearn": "https://scikit-learn.org/stable/modules/generated/{}.html",
}


def _is_importable(name):
    """Return whether a dotted name is a module or an attribute of one."""
    module, attributes = name, []
    while module:
        try:
            found = import_module(module)
        except ImportError:
            module, _, attribute = module.rpartition(".")
            attributes.insert(0, attribute)
            continue
        for attribute in attributes:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False


def link_to_other_projects(app, env, node, content):
    """Resolve a reference that is not in these pages."""
    target = node["reftarget"]
    package = target.partition(".")[0]
    if package in PAGES_OF and _is_importable(target):
        address = PAGES_OF[package].format(target)
        return nodes.reference("", "", content, refuri=address, internal=False)
    if node["reftype"] == "term":
        address = f"https://scikit-learn.org/stable/glossary.html#term-{target}"
        return nodes.reference("", "", content, refuri=address, internal=False)
    source = get_source_line(node)[0] or ""
    if "docstring of sklearn." in source or "<autosummary>" in source:
        return content  # inherited docstrings refer to scikit-learn's guide: show plain text
    return None


def add_social_card(app, page, template, context, doctree):
    """Add the tags that other sites read to show a link to a page."""
    described = [] if doctree is None else doctree.findall(nodes.meta)
    texts = [node["content"] for node in described if node.get("name") == "description"]
    tags = {
        "og:title": context.get("title", project),
        "og:description": texts[0] if texts else "Neural networks for text, in scikit-learn",
        "og:type": "website",
        "og:site_name": project,
        "og:image": f"{html_baseurl}_static/social_card.png",
        "twitter:card": "summary_large_image",
    }
    if not html_baseurl:  # other sites need the full address
        del tags["og:image"]
    context["metatags"] = context.get("metatags", "") + "".join(
        f'\n<meta property="{name}" content="{escape(text)}" />' for name, text in tags.items()
    )


def drop_roles_of_citations(app, page, template, context, doctree):
    """Remove the roles that docutils gives to citations: its list has no items for ARIA."""
    for role in ('role="list" class="citation-list"', 'role="doc-biblioentry"'):
        without = role.partition(" ")[2]
        context["body"] = context.get("body", "").replace(role, without)


def setup(app):
    """Connect the functions of this project to the events of the build."""
    app.connect("builder-inited", write_output_and_figures)
    app.connect("builder-inited", write_curve_shapes)
    app.connect("builder-inited", write_summary)
    app.connect("missing-reference", link_to_other_projects)
    app.connect("html-page-context", add_social_card)
    app.connect("html-page-context", drop_roles_of_citations)
    app.connect("build-finished", write_versions)
