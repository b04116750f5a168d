# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: DTC
#     language: python
#     name: dtc
# ---

# %% [markdown]
# # FAMD + HDBSCAN over a grid
#
# Numbers and categories become axes by a factor analysis of mixed data, HDBSCAN looks for dense regions on them. Four things can
# be chosen: how many axes, how small a cluster may be, by how many neighbours density is told, and below which distance (epsilon,
# in median distances to the fifth neighbour) clusters are not split.
#
# **Neither DBCV nor the silhouette decides.** Both are of the clusters alone: leaving units out makes them better. Look at the colour.

# %%
# %matplotlib inline
from dtc_model.discovery import discover
from dtc_model.lab import Bench, grid_of, plot_grid

bench = Bench.open()
_, wave = bench.two_waves()
features = bench.units(wave)

# %%
grid = grid_of(
    features,
    components=[3, 5, 8],
    smallest_shares=[0.02, 0.05, 0.1],
    neighbours=[None, 5],
    epsilons=[0.0, 1.0],
)
plot_grid(grid)

# %% [markdown]
# The best by DBCV, by the silhouette, and by whom they leave out:

# %%
grid.sort_values("dbcv", ascending=False).head(5)

# %%
grid.sort_values("silhouette", ascending=False).head(5)

# %%
grid[grid["k"] > 1].sort_values("share_without").head(5)

# %% [markdown]
# The grid stays in MLflow, beside the discoveries of this segmentation:

# %%
run_id = bench.keep_grid(grid, wave)
run_id

# %% [markdown]
# ## Beside other methods
#
# The same units in one sweep, proposed by how well segments come back in resamples.

# %%
found = discover(features, "all", n_bootstraps=5)
print(found.words)
found.figures[
    ["method", "k", "silhouette", "dbcv", "bic", "jaccard_min", "smallest_share", "share_without", "proposed"]
]
