"""Fits the sweep of KMeans models on the wave that `training_data` names, and logs it to MLflow."""

if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def train_models(_verdict, samples, *_, **variables):
    """Return the sweep with its candidate as a plain dict."""
    from dtc_data.tables import sample
    from dtc_model.training import train_models as train
    from dtc_monitoring.alerts import alert_if_retraining_fails
    from dtc_stack.mage import RunVariables

    run = RunVariables.read(variables)
    with alert_if_retraining_fails(**run.alert_names()):
        return train(sample(samples, run.training_data), run.catalogue, **run.training_arguments())
