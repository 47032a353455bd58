"""Draw the shapes that training curves have, for the chapter on training curves."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

SOURCE = Path(__file__).parent
COLORS = {"light": ("#0b6e76", "#595959"), "dark": ("#5cc5ce", "#c8c8c8")}
EPOCHS = np.arange(1, 21)
FALLING = 0.69 * np.exp(-EPOCHS / 5)
JUMPS = np.random.RandomState(0).uniform(-0.09, 0.09, EPOCHS.size)

# For each shape, the loss of training and that of validation.
SHAPES = {
    "1. Still improving": (
        0.2 + 0.5 * np.exp(-EPOCHS / 15),
        0.25 + 0.48 * np.exp(-EPOCHS / 15),
    ),
    "2. Overfitting": (FALLING, 0.25 + 0.02 * EPOCHS + 0.5 * np.exp(-EPOCHS / 2.5)),
    "3. Nothing to learn": (0.62 + 0.08 * np.exp(-EPOCHS / 5), np.full(EPOCHS.size, 0.7)),
    "4. Cannot fit": (0.42 + 0.8 * FALLING / 2, 0.45 + 0.8 * FALLING / 2),
    "5. Jumping": (0.1 + FALLING, 0.3 + 0.6 * FALLING + JUMPS),
    "6. Validation below training at first": (
        0.1 + 0.75 * np.exp(-EPOCHS / 4),
        0.25 + 0.3 * np.exp(-EPOCHS / 2),
    ),
}


def write_curve_shapes(app):
    """Write the picture for the light and the dark theme."""
    folder = SOURCE / "generated"
    folder.mkdir(exist_ok=True)
    for theme, (strong, plain) in COLORS.items():
        with plt.style.context("dark_background" if theme == "dark" else "default"):
            figure, axes = plt.subplots(
                2, 3, figsize=(9, 4.6), sharex=True, sharey=True, layout="constrained"
            )
            for ax, (title, (training, validation)) in zip(axes.flat, SHAPES.items(), strict=True):
                ax.plot(EPOCHS, training, color=plain, linewidth=1.2)
                ax.plot(EPOCHS, validation, color=strong, linewidth=2.5)
                ax.set_title(title, fontsize=10)
                ax.set_xticks([1, 10, 20])
                ax.spines[["top", "right"]].set_visible(False)
            axes[0, 1].annotate("validation", (20, 0.71), ha="right", color=strong)
            axes[0, 1].annotate("training", (20, 0.06), ha="right", color=plain)
            axes[0, 0].set_ylim(0, 0.85)
            figure.supxlabel("epoch", fontsize=10)
            figure.supylabel("loss", fontsize=10)
            figure.savefig(folder / f"curve_shapes_{theme}.png", dpi=200, transparent=True)
        plt.close(figure)
