# Mage with the pipeline's code, and the one-shot jobs of the stack. Built from the top of the project:
#   docker build -f 02_pipeline/mage_pipeline/mage.Dockerfile .
FROM python:3.11-slim-bookworm AS tools
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY requirements/uv.txt requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes --root-user-action=ignore -r requirements/uv.txt

FROM tools AS wheel
COPY requirements/build.txt requirements/
RUN uv pip install --system --no-cache --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY 00_create_data 00_create_data
COPY 01_model 01_model
COPY 02_pipeline/dtc_stack 02_pipeline/dtc_stack
COPY 03_deployment 03_deployment
COPY 04_monitoring 04_monitoring
RUN hatchling build --target wheel && uv pip install --no-cache --no-deps --target /packages dist/*.whl

FROM tools AS environment
COPY requirements/pipeline.txt requirements/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv /venv && VIRTUAL_ENV=/venv uv pip sync --require-hashes requirements/pipeline.txt

FROM python:3.11-slim-bookworm
# The folders made here give new volumes their owner.
RUN groupadd --gid 10001 dtc && useradd --uid 10001 --gid dtc --no-create-home --home-dir /tmp dtc \
    && install --directory --owner dtc --group dtc /var/lib/mage /var/lib/job \
    && install --directory /var/lib/retailer/stores
# GIT_PYTHON_REFRESH: Mage and MLflow look for git, which the image does not have and they do not need.
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app/packages PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp GIT_PYTHON_REFRESH=quiet
# Nothing reports to its makers, as in every program of ours (dtc_data/core/process_environment.py).
ENV MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true ITERATIVE_DO_NOT_TRACK=true
COPY --from=environment /venv /venv
# The packages lie where they lie in a checkout, two folders below the top, so that all other paths hold too.
COPY --from=wheel /packages /app/packages
COPY 00_create_data/catalogues /app/00_create_data/catalogues
COPY 02_pipeline/mage_pipeline/persona_project /app/02_pipeline/mage_pipeline/persona_project
COPY 02_pipeline/mage_pipeline/healthy.py /app/
WORKDIR /app
USER 10001:10001
EXPOSE 6789
CMD ["python", "-m", "dtc_stack.containers.in_container", "mage"]
