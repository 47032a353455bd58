"""The pool of networks between two fits."""

import threading

from ._network import Network, network_kind

# Networks kept for a later fit of the same architecture, counted over all architectures.
_MAX_NETWORKS = 8

# Limit on the total number of values (of 4 or 8 bytes) in the variables of all idle networks, not
# counting the most recent one.
_MAX_NUMBERS = 30_000_000


class IdleNetworks:
    """Networks between two fits: taken by one fit at a time, the longest unused dropped first.

    Parameters
    ----------
    max_networks : int
    max_numbers : int
    """

    def __init__(self, max_networks=_MAX_NETWORKS, max_numbers=_MAX_NUMBERS):
        self.max_networks = max_networks
        self.max_numbers = max_numbers
        self._lock = threading.Lock()
        self._networks = []

    def take(self, architecture, optimizer):
        """Return an idle network of this architecture and kind of optimizer, or a new one."""
        kind = network_kind(architecture, optimizer)
        with self._lock:
            for network in reversed(self._networks):
                if network.kind == kind:
                    self._networks.remove(network)
                    return network
            return Network(architecture, optimizer)

    def give_back(self, network):
        """Keep a network for a later fit."""
        with self._lock:
            self._networks.append(network)
            while len(self._networks) > 1 and (
                len(self._networks) > self.max_networks
                or sum(idle.n_numbers for idle in self._networks) > self.max_numbers
            ):
                del self._networks[0]


idle_networks = IdleNetworks()
