"""The rule of a mixture is light: what labels has nothing to do with what trains."""

import subprocess
import sys


def test_labelling_by_a_mixture_needs_numpy_and_pydantic_alone() -> None:
    code = (
        "import sys; from dtc_model.rule import MixtureModel, describe_mixture; MixtureModel.label, describe_mixture; "
        "print([name for name in ('pandas', 'sklearn', 'scipy', 'mlflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
