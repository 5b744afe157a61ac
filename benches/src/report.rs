//! Prints Markdown tables, and at the end which of the demands are met.

use std::fmt;

/// A Markdown table. The first column has words, and the others have numbers.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(heads: &[&str]) -> Self {
        Self { rows: vec![heads.iter().map(ToString::to_string).collect()] }
    }

    pub fn row(&mut self, words: &str, numbers: impl IntoIterator<Item = String>) {
        self.rows.push(std::iter::once(words.to_owned()).chain(numbers).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(2);
        let widths: Vec<usize> = (0..self.rows[0].len()).map(width).collect();
        let padded = |(column, (cell, &width)): (usize, (&String, &usize))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        };
        let rule = |(column, &width): (usize, &usize)| {
            if column == 0 { "-".repeat(width) } else { format!("{}:", "-".repeat(width - 1)) }
        };
        for (index, row) in self.rows.iter().enumerate() {
            writeln!(f, "| {} |", row.iter().zip(&widths).enumerate().map(padded).collect::<Vec<_>>().join(" | "))?;
            if index == 0 {
                writeln!(f, "| {} |", widths.iter().enumerate().map(rule).collect::<Vec<_>>().join(" | "))?;
            }
        }
        Ok(())
    }
}

/// A number with a suitable number of digits, or a dash if nothing was measured.
pub fn number(value: impl Into<Option<f64>>) -> String {
    match value.into() {
        None => "–".into(),
        Some(value) if value.abs() < 9.995 => format!("{value:.2}"),
        Some(value) if value.abs() < 99.95 => format!("{value:.1}"),
        Some(value) => format!("{value:.0}"),
    }
}

/// What the work has to reach, and what was measured.
pub struct Bars {
    table: Table,
}

impl Bars {
    pub fn new() -> Self {
        Self { table: Table::new(&["work", "bar", "measured", "reached"]) }
    }

    pub fn at_most(&mut self, work: &str, bar: f64, unit: &str, measured: f64) {
        self.add(work, &format!("≤ {bar} {unit}"), &format!("{} {unit}", number(measured)), measured <= bar);
    }

    pub fn at_least(&mut self, work: &str, bar: f64, unit: &str, measured: f64) {
        self.add(work, &format!("≥ {bar} {unit}"), &format!("{} {unit}", number(measured)), measured >= bar);
    }

    pub fn holds(&mut self, work: &str, bar: &str, measured: &str, reached: bool) {
        self.add(work, bar, measured, reached);
    }

    fn add(&mut self, work: &str, bar: &str, measured: &str, reached: bool) {
        let mark = if reached { "✓" } else { "✗ missed" };
        self.table.row(work, [bar.into(), measured.into(), mark.into()]);
    }

    pub fn is_empty(&self) -> bool {
        self.table.rows.len() == 1
    }
}

impl fmt::Display for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}
