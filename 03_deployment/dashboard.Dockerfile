# The pages for people: MLflow's client and Vega, no Mage and no Evidently. Built from the top of the project:
#   docker build -f 03_deployment/dashboard.Dockerfile .
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
COPY requirements/dashboard.txt requirements/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv /venv && VIRTUAL_ENV=/venv uv pip sync --require-hashes requirements/dashboard.txt

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 dtc && useradd --uid 10001 --gid dtc --no-create-home --home-dir /tmp dtc
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app/packages PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
COPY --from=environment /venv /venv
# Only the rooms that the pages use.
COPY --from=wheel /packages/dtc_data /app/packages/dtc_data
COPY --from=wheel /packages/dtc_model /app/packages/dtc_model
COPY --from=wheel /packages/dtc_monitoring /app/packages/dtc_monitoring
COPY --from=wheel /packages/dtc_service /app/packages/dtc_service
COPY --from=wheel /packages/dtc_dashboard /app/packages/dtc_dashboard
COPY 00_create_data/catalogues /app/00_create_data/catalogues
COPY 03_deployment/dashboard.gunicorn.conf.py /app/03_deployment/
COPY 02_pipeline/mage_pipeline/healthy.py /app/
WORKDIR /app
USER 10001:10001
EXPOSE 8501
CMD ["gunicorn", "--config", "03_deployment/dashboard.gunicorn.conf.py", "dtc_dashboard.pages.app:create_app()"]
