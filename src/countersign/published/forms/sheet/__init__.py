"""Spreadsheets: XLSX and ODS."""
