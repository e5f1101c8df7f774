"""Draw a histogram as SVG: its colors come from the page's style, its meaning stands beside it in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 660, 250, 36, 56, 36


def histogram(edges: Sequence[float], counts: Sequence[int], label: str, axis: str) -> Markup:
    """Return bars over an axis from the first edge to the last, each with its number above; its area is the number.

    Parameters
    ----------
    edges : sequence of float
        Limits of the bars, one more than there are bars; they need not be equally wide.
    counts : sequence of int
        How many are in each bar.
    label : str
        What the chart shows, for those who do not see it.
    axis : str
        What the axis is, with its unit.
    """
    span, base = edges[-1] - edges[0], HEIGHT - BELOW
    heights = [count / (right - left) for left, right, count in zip(edges, edges[1:], counts, strict=False)]
    highest = max([*heights, 1e-9])

    def x(value: float) -> float:
        return LEFT + (WIDTH - 2 * LEFT) * (value - edges[0]) / span

    parts = [
        Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, HEIGHT, label),
        Markup('<line x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(x(edges[0]), x(edges[-1]), base, base),
    ]
    for left, right, count, high in zip(edges, edges[1:], counts, heights, strict=False):
        height, middle = (base - ABOVE) * high / highest, (x(left) + x(right)) / 2
        if count:
            parts.append(
                Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"/>').format(
                    x(left) + 2, base - height, x(right) - x(left) - 4, height
                )
            )
            parts.append(
                Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
                    middle, base - height - 6, count
                )
            )
    parts.append(Markup('<text class="axis" x="{}" y="17">students</text>').format(LEFT - 30))
    for edge in edges:
        parts.append(
            Markup('<text class="axis" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                x(edge), base + 20, f"{edge:g}"
            )
        )
    parts.append(
        Markup('<text class="axis" x="{:.1f}" y="{}" text-anchor="middle">{}</text></svg>').format(
            WIDTH / 2, base + 46, axis
        )
    )
    return Markup("").join(parts)


def binned(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    """Count values between edges; a value on an edge belongs to the bar above it, the last edge to the last bar.

    Examples
    --------
    >>> binned([0, 9.5, 10, 20], [0, 10, 20])
    [2, 2]
    """
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[max([i for i in range(len(counts)) if value >= edges[i]], default=0)] += 1
    return counts
