"""The figures of the book: one module per chapter, one function per figure.

A chapter's cell is one line, `gallery.ill_conditioning.bowl()`. Each module lists its figures in
`FIGURES`, by the name after the slash of their ids.
"""
