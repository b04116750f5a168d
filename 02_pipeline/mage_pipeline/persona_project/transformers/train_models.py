"""Trains the sweep of KMeans models on the wave that `training_data` names, and logs it to MLflow."""

if "transformer" not in globals():
    from mage_ai.data_preparation.decorators import transformer


@transformer
def train_models(_verdict, wave_pair, *_, **variables):
    """Return the sweep with its candidate as a plain dict."""
    from dtc_data.tables import wave_called
    from dtc_model.training import train_models as train
    from dtc_stack.mage import once_per_run

    def work(run):
        wave = wave_called(wave_pair, run.training_data)
        return train(wave, run.catalogue, held=run.held_units(), **run.training_arguments())

    return once_per_run("train_models", variables, work)
