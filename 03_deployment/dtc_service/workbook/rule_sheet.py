"""The sheets that compute: the rule with its centroids, the values of answers in words, and the segments."""

from collections.abc import Sequence

from dtc_data.catalogue import Feature
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from dtc_service.workbook.answer_formulas import code_formula, coordinate_formulas, value_formula
from dtc_service.workbook.distance_formulas import row_formulas
from dtc_service.workbook.rule_layout import (
    CENTRE_ROW,
    DIVISOR_ROW,
    FIRST_CENTROID_ROW,
    FIRST_SEGMENT_ROW,
    FIRST_VALUE_ROW,
    HIGHEST_ROW,
    LOWEST_ROW,
    MEANING_ROW,
    NAME_ROW,
    RULE_SHEET,
    SEGMENT_SHEET,
    TURNED_ROW,
    VALUES_SHEET,
    RuleLayout,
    label_code_column,
    label_column,
    value_column,
)
from dtc_service.workbook.workbook_content import WorkbookContent

_EXPLANATION = (
    "This sheet computes; nothing is typed here. A coordinate is the answer (turned about, where a question is reversed), "
    "minus a centre, divided by a divisor. The squared distance to a segment is the sum of the squared differences; the "
    "smallest wins, the first of equals."
)


def layout_of(content: WorkbookContent) -> RuleLayout:
    """Return where everything stands for a rule."""
    encoder = content.model.encoder
    return RuleLayout(len(encoder.features), encoder.n_columns, len(content.model.segment_ids))


def add_segments(book: Workbook, content: WorkbookContent) -> None:
    """Add the sheet with the segments, in the order of the rule."""
    sheet = book.create_sheet(SEGMENT_SHEET)
    sheet.append(["id", "code of the vendor", "name", "description"])
    entries = zip(content.segments, content.model.segment_ids, content.model.segment_names, strict=True)
    for row, (segment, id_, name) in enumerate(entries, start=FIRST_SEGMENT_ROW):
        code, description = (segment.code, segment.description) if segment else (None, "")
        write_row(sheet, row, 1, [id_, code, name, description])


def add_values(book: Workbook, features: Sequence[Feature]) -> None:
    """Add the sheet with the values of answers in words, and with the labels of answers in survey files."""
    sheet = book.create_sheet(VALUES_SHEET)
    for position, feature in enumerate(features):
        codes = {value: float(row) for row, value in enumerate(feature.values, start=1)}
        answers = (codes[answer] if isinstance(answer, str) else answer for _, answer in feature.labels)
        columns: dict[str, list[object]] = {
            value_column(position): [feature.name, *(" ".join(value.split()) for value in feature.values)],
            label_column(position): ["label", *(" ".join(label.split()).lower() for label, _ in feature.labels)],
            label_code_column(position): ["stands for", *answers],
        }
        for column, cells in columns.items():
            for row, cell in enumerate(cells, start=FIRST_VALUE_ROW - 1):
                write_cell(sheet, row, column, cell)


def add_rule(book: Workbook, content: WorkbookContent, answer_cells: Sequence[Sequence[str]]) -> None:
    """Add the sheet that computes, a row for each respondent.

    ``answer_cells`` holds for each of them the cells of the answers, in the features' order.
    """
    layout, sheet = layout_of(content), book.create_sheet(RULE_SHEET)
    sheet["A1"] = _EXPLANATION
    _write_head(sheet, content, layout)
    for row, cells in enumerate(answer_cells, start=layout.first_row):
        for column, formula in _row(content, layout, row, cells).items():
            sheet[f"{column}{row}"] = formula


def _write_head(sheet: Worksheet, content: WorkbookContent, layout: RuleLayout) -> None:
    model, features = content.model, content.catalogue.features
    names = {
        NAME_ROW: "feature",
        MEANING_ROW: "what stands below",
        LOWEST_ROW: "smallest valid answer",
        HIGHEST_ROW: "largest valid answer",
        TURNED_ROW: "turned about",
        CENTRE_ROW: "centre",
        DIVISOR_ROW: "divisor",
    }
    for row, name in names.items():
        sheet[f"A{row}"] = name
    for position, feature in enumerate(features):
        for column, meaning in ((layout.value(position), "answer"), (layout.code(position), "valid answer")):
            write_cell(sheet, NAME_ROW, column, feature.name)
            sheet[f"{column}{MEANING_ROW}"] = meaning
        for row, limit in zip((LOWEST_ROW, HIGHEST_ROW), feature.limits, strict=True):
            write_cell(sheet, row, layout.code(position), limit)
    for position, (of_feature, name) in enumerate(
        zip(model.encoder.feature_of_column.tolist(), model.encoder.column_names, strict=True)
    ):
        column, feature = layout.coordinate(position), features[of_feature]
        write_cell(sheet, NAME_ROW, column, name)
        sheet[f"{column}{MEANING_ROW}"] = "coordinate"
        write_cell(sheet, TURNED_ROW, column, feature.turning_point if feature.reversed else None)
        write_cell(sheet, CENTRE_ROW, column, feature.mean)
        write_cell(sheet, DIVISOR_ROW, column, float(model.encoder.scales[position]))
    for segment, name in enumerate(model.segment_names):
        row = FIRST_CENTROID_ROW + segment
        write_cell(sheet, row, "A", name)
        for position, target in enumerate(model.coordinates[segment].tolist()):
            write_cell(sheet, row, layout.coordinate(position), target)
    for column, meaning in _meanings(layout, model.segment_names).items():
        write_cell(sheet, MEANING_ROW, column, meaning)


def _meanings(layout: RuleLayout, names: Sequence[str]) -> dict[str, str]:
    meanings = {
        layout.invalid: "answers not valid",
        layout.answered: "answers given",
        layout.usable: "has a segment",
        layout.smallest: "smallest squared distance",
        layout.nearest: "nearest segment",
        layout.second_smallest: "second smallest squared distance",
        layout.runner_up: "runner-up",
        layout.margin: "margin",
    }
    for segment, name in enumerate(names):
        meanings |= {
            layout.distance(segment): f"squared distance to {name}",
            layout.excess(segment): f"0 if {name} is nearest",
            layout.other(segment): f"{name} without the nearest",
            layout.other_excess(segment): f"0 if {name} is second",
        }
    return meanings


def _row(content: WorkbookContent, layout: RuleLayout, row: int, cells: Sequence[str]) -> dict[str, str]:
    encoder, formulas = content.model.encoder, {}
    for position, (feature, cell) in enumerate(zip(content.catalogue.features, cells, strict=True)):
        value, code = layout.value(position), layout.code(position)
        columns = [layout.coordinate(at) for at in range(encoder.starts[position], encoder.starts[position + 1])]
        formulas[value] = value_formula(cell, feature, position)
        formulas[code] = code_formula(f"{value}{row}", code, feature)
        encoded = coordinate_formulas(f"{code}{row}", columns, encoder.features[position])
        formulas |= dict(zip(columns, encoded, strict=True))
    return formulas | row_formulas(layout, row, content.catalogue.minimum_answered)


def write_row(sheet: Worksheet, row: int, first_column: int, values: Sequence[object]) -> None:
    """Write values beside each other; no text becomes a formula."""
    for column, value in enumerate(values, start=first_column):
        write_cell(sheet, row, column, value)


def write_cell(sheet: Worksheet, row: int, column: int | str, value: object) -> None:
    """Write a value; a text that begins with = stays a text, and a number keeps its last digit."""
    cell = sheet[f"{column}{row}"] if isinstance(column, str) else sheet.cell(row, column)
    cell.value = repr(value) if isinstance(value, float) else value  # openpyxl itself writes 16 digits
    if isinstance(value, str | float):
        cell.data_type = "s" if isinstance(value, str) else "n"
