from .list_sheet import LIST_SHEET as LIST_SHEET
from .respondent_sheet import ONE_SHEET as ONE_SHEET
from .typing_workbook import MOST_ROWS as MOST_ROWS
from .typing_workbook import write_typing_tool as write_typing_tool
from .workbook_content import WorkbookContent as WorkbookContent
