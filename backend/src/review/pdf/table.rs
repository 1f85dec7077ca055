//! A table that goes on over sheets, its head repeated.

use super::sheet::{EDGE, INK, INNER, Ink, LEADING, MARGIN, QUIET, Sheets, WASH};

const SIZE: f32 = 8.5;
const PAD: f32 = 5.0;

/// What stands in one place of a table: lines that are broken as they must.
#[derive(Clone, Debug, Default)]
pub struct Cell(Vec<(String, Ink, bool)>);

impl Cell {
    /// Plain text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(vec![(text.into(), INK, false)])
    }

    /// Heavier, in a colour.
    pub fn bold(text: impl Into<String>, ink: Ink) -> Self {
        Self(vec![(text.into(), ink, true)])
    }

    /// One more line, quieter.
    #[must_use]
    pub fn and(self, text: impl Into<String>) -> Self {
        self.and_in(text, QUIET)
    }

    /// One more line in a colour; nothing where there is nothing to say.
    #[must_use]
    pub fn and_in(mut self, text: impl Into<String>, ink: Ink) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.0.push((text, ink, false));
        }
        self
    }
}

/// A column: its head, and how wide it is beside the others.
pub type Column = (&'static str, f32);

/// Draws a table.
pub fn draw(sheets: &mut Sheets<'_>, columns: &[Column], rows: Vec<Vec<Cell>>) {
    let whole: f32 = columns.iter().map(|(_, share)| share).sum();
    let widths: Vec<f32> = columns
        .iter()
        .map(|(_, share)| share / whole * INNER)
        .collect();
    head(sheets, columns, &widths);
    for row in rows {
        let lines: Vec<Vec<(String, Ink, bool)>> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| broken(sheets, cell, width - 2.0 * PAD))
            .collect();
        let most = lines.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let height = most as f32 * SIZE * LEADING + 2.0 * PAD - 2.0;
        if sheets.need(height) {
            head(sheets, columns, &widths);
        }
        let mut x = MARGIN;
        for (cell, width) in lines.iter().zip(&widths) {
            let mut baseline = sheets.y + PAD + SIZE - 0.5;
            for (line, ink, is_bold) in cell {
                if *is_bold {
                    sheets.bold(x + PAD, baseline, SIZE, *ink, line);
                } else {
                    sheets.text(x + PAD, baseline, SIZE, *ink, line);
                }
                baseline += SIZE * LEADING;
            }
            x += width;
        }
        sheets.y += height;
        let y = sheets.y;
        sheets.rule((MARGIN, y), (MARGIN + INNER, y), EDGE, 0.5);
    }
    sheets.y += 4.0;
}

fn broken(sheets: &Sheets<'_>, cell: &Cell, width: f32) -> Vec<(String, Ink, bool)> {
    let lines = cell.0.iter().flat_map(|(text, ink, is_bold)| {
        let lines = sheets.face.lines(text, SIZE, width);
        lines.into_iter().map(|line| (line, *ink, *is_bold))
    });
    lines.collect()
}

fn head(sheets: &mut Sheets<'_>, columns: &[Column], widths: &[f32]) {
    let height = SIZE + 2.0 * PAD;
    sheets.need(height * 2.5);
    let y = sheets.y;
    sheets.fill([MARGIN, y, INNER, height], WASH);
    let mut x = MARGIN;
    for ((name, _), width) in columns.iter().zip(widths) {
        sheets.bold(x + PAD, y + PAD + SIZE - 1.0, SIZE, QUIET, name);
        x += width;
    }
    sheets.rule(
        (MARGIN, y + height),
        (MARGIN + INNER, y + height),
        EDGE,
        0.8,
    );
    sheets.y += height;
}
