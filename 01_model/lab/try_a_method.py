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
# # Try a method, and register what it finds as a candidate
#
# A method is a function: it takes the encoded answers of the units that left nothing out, `(n_units, n_columns)`, and a seed, and
# returns the cluster of each unit, below 0 for none. Whatever it is, units are labelled by the rule of the catalogue: by the nearest
# centroid of its clusters, or by the mixture that they are.

# %%
# %matplotlib inline
from typing import Any

import numpy as np
from dtc_model.lab import Bench
from sklearn.cluster import AgglomerativeClustering

bench = Bench.open()
reference, current = bench.two_waves()
n_segments = len(bench.catalogue.segments)


# %%
def ward(answers: Any, _seed: int) -> Any:
    """Cluster by joining what is nearest, by Ward's criterion."""
    return AgglomerativeClustering(n_segments).fit_predict(answers)


# %% [markdown]
# ## What it finds

# %%
from dtc_data.catalogue import answer_matrix
from dtc_model.discovery import match_entry, sweep_by

answers = answer_matrix(bench.units(current), bench.catalogue.features)
(entry,) = sweep_by(ward, answers, bench.catalogue, n_bootstraps=5).entries
{name: round(float(value), 3) for name, value in entry.metrics.items()}

# %%
matching = match_entry(entry, bench.catalogue)
[(match.segment, None if match.moved is None else round(match.moved, 2)) for match in matching.matches]

# %% [markdown]
# ## A candidate
#
# The next cell trains on the whole wave, registers a version and lets the gate judge it, as for every candidate. It never goes into
# production by itself: `make versions` shows it, `make promote VERSION=… BY=… WHY=…` decides.

# %%
outcome = bench.try_method(ward, reference, current)
print(f"Version {outcome['version']}: {outcome['reason']}")
for finding in outcome["findings"]:
    print(f"  {'passed' if finding['passed'] else 'STOPPED'}  {finding['words']}")

# %% [markdown]
# Who would be relabelled:

# %%
candidate, production = bench.registry.load(outcome["version"]), bench.production()
np.mean(candidate.label(answers) != production.label(answers)) if not np.isnan(answers).any() else "answers are missing"
