"""What forces publish: PDF grids, spreadsheets, CSV and data packages; the faults in them; the claims made on them.

Everything here is read as printed and keeps where it was printed. It knows nothing of Countersign's own record.
"""
