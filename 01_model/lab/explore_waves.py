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
# # The waves of a segmentation
#
# Which waves there are, how large each segment is in them by the model in production, and which features have moved.
# Another segmentation: `Bench.open("stores")`, or start the Lab with `make lab SEGMENTATION=stores`.

# %%
# %matplotlib inline
from dtc_model.lab import Bench, plot_means, plot_shares

bench = Bench.open()
waves = bench.waves()
reference, current = bench.two_waves()
f"{bench.segmentation.title}: {len(waves)} waves, {reference} to {current}"

# %% [markdown]
# ## Segments
#
# All waves are labelled by the same model, so that a share moves only if units have. `without` is the share that has no label.

# %%
shares = bench.shares()
shares

# %%
plot_shares(shares)

# %% [markdown]
# ## Features
#
# Means by wave; of a category the share of each value.

# %%
means = bench.means()
means.round(2)

# %%
plot_means(means, reference)

# %% [markdown]
# ## One wave
#
# The table that everything else works on: a row per unit, a column per feature.

# %%
bench.units(current).describe().T
