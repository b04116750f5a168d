# The features of stores by Spark: PySpark 4 on Java 17, and the package that holds their definition. Built from the top of the project:
#   docker build -f 02_pipeline/mage_pipeline/spark.Dockerfile -t dtc-spark .
#   docker run --rm -v /path/to/tables:/data:ro -v /path/to/out:/out dtc-spark /data /out/features.parquet --engine spark
FROM python:3.11-slim-bookworm AS tools
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY requirements/uv.txt requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes --root-user-action=ignore -r requirements/uv.txt

FROM tools AS environment
COPY requirements/spark.txt requirements/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv /venv && VIRTUAL_ENV=/venv uv pip sync --require-hashes requirements/spark.txt

FROM python:3.11-slim-bookworm
# The distribution's newest Java 17, whose patches are security fixes; procps has the ps that Spark's scripts call.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends openjdk-17-jre-headless procps \
    && rm -rf /var/lib/apt/lists/*
# The folder made here gives a new volume its owner.
RUN groupadd --gid 10001 dtc && useradd --uid 10001 --gid dtc --no-create-home --home-dir /tmp dtc \
    && install --directory --owner dtc --group dtc /out
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app/00_create_data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
COPY --from=environment /venv /venv
COPY 00_create_data/dtc_data /app/00_create_data/dtc_data
COPY 00_create_data/store_features.py /app/00_create_data/
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["python", "00_create_data/store_features.py"]
CMD ["--help"]
