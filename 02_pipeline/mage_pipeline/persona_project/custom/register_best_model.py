"""Registers the sweep's candidate, its clusters matched to the catalogue's personas."""

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def register_best_model(sweep, verdict, *_, **variables):
    """Return the registered version as a plain dict."""
    from dtc_stack.mage import once_per_run

    def work(run):
        return run.registry().register_candidate(sweep, verdict=verdict["status"], **run.wave_arguments())

    return once_per_run("register_best_model", variables, work)
