"""
Draw the course's figures.

Each function takes the data and, if you like, the axes to draw on; it labels the axes, stays legible without color,
writes down in words what the picture shows, and returns the axes. `show` puts the picture into a notebook with
these words as its alt text.

>>> from chainrule.plotting import plot_network, show
>>> ax = plot_network([64, 25, 15, 1])
>>> show(ax)  # doctest: +SKIP
"""

from chainrule.plotting.basins import plot_basins
from chainrule.plotting.boundaries import plot_decision_boundary
from chainrule.plotting.curves import (
    plot_activation,
    plot_activations,
    plot_curves,
    plot_fits,
    plot_piecewise_linear,
)
from chainrule.plotting.derivatives import plot_descent, plot_difference_error, plot_tangent
from chainrule.plotting.entropies import plot_binary_entropy, plot_cross_entropy, plot_distribution
from chainrule.plotting.graphs import plot_graph, plot_graph_step, plot_graph_steps
from chainrule.plotting.histories import plot_history, plot_runs
from chainrule.plotting.images import plot_contributions, plot_images, plot_weights
from chainrule.plotting.landscapes import plot_contours, plot_population, plot_surface
from chainrule.plotting.networks import plot_network
from chainrule.plotting.pictures import Picture, alt_text, describe, render, show
from chainrule.plotting.searches import plot_annealing, plot_success
from chainrule.plotting.sliders import slide
from chainrule.plotting.style import style
from chainrule.plotting.trees import plot_huffman_tree
from chainrule.plotting.weights import plot_gradient_survival, plot_weight_histograms

__all__ = [
    "Picture",
    "alt_text",
    "describe",
    "plot_activation",
    "plot_activations",
    "plot_annealing",
    "plot_basins",
    "plot_binary_entropy",
    "plot_contours",
    "plot_contributions",
    "plot_cross_entropy",
    "plot_curves",
    "plot_decision_boundary",
    "plot_descent",
    "plot_difference_error",
    "plot_distribution",
    "plot_fits",
    "plot_gradient_survival",
    "plot_graph",
    "plot_graph_step",
    "plot_graph_steps",
    "plot_history",
    "plot_huffman_tree",
    "plot_images",
    "plot_network",
    "plot_piecewise_linear",
    "plot_population",
    "plot_runs",
    "plot_success",
    "plot_surface",
    "plot_tangent",
    "plot_weight_histograms",
    "plot_weights",
    "render",
    "show",
    "slide",
    "style",
]
