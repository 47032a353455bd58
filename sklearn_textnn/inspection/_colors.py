"""Colors that can be seen on the background of the axes."""

# On white as well as on black its contrast is more than 3:1.
GREY = "grey"

_MIN_CONTRAST = 3
# More colors than a cycle has. If none of them can be seen, the last one is used.
_MAX_COLORS = 50


def next_color(ax):
    """Return the next color of the axes' cycle that can be seen and is not a grey."""
    behind = background(ax)
    for _ in range(_MAX_COLORS):
        (line,) = ax.plot([], [])
        color = line.get_color()
        line.remove()
        if _has_hue(color) and contrast(color, behind) >= _MIN_CONTRAST:
            break
    return color


def contrast(color, other):
    """Return the contrast ratio of two colors, by WCAG 2: 1 if they are equal, 21 at most."""
    light, dark = sorted([_luminance(color), _luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def background(ax):
    """Return the color behind the curves, white if axes and figure are transparent."""
    from matplotlib.colors import to_rgba

    colors = [ax.get_facecolor(), ax.figure.get_facecolor()]
    return next((color for color in colors if to_rgba(color)[3] > 0), "white")


def _has_hue(color):
    from matplotlib.colors import to_rgb

    return max(to_rgb(color)) - min(to_rgb(color)) > 0.1


def _luminance(color):
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
