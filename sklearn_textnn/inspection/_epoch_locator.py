"""EpochLocator: ticks at whole epochs, the best ones among them."""

from matplotlib.ticker import MaxNLocator


class EpochLocator(MaxNLocator):
    """Ticks at whole epochs and at each of `best`, instead of those that are next to it.

    `best` is a list of epochs, which may grow.
    """

    def __init__(self):
        super().__init__("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
        self.best = []

    def tick_values(self, vmin, vmax):
        """Return the ticks between two epochs."""
        ticks = super().tick_values(vmin, vmax)
        best = {epoch for epoch in self.best if vmin <= epoch <= vmax}
        # The number of labels for which the axis has room, as matplotlib estimates it.
        room = (vmax - vmin) / (1.4 * max(self.axis.get_tick_space(), 1))
        free = {tick for tick in ticks if all(abs(tick - epoch) > room for epoch in best)}
        return sorted(free | best)
