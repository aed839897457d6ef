//! Small layout helpers shared by all renderings.

use provision_rules::Category;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Lines of at most `width` columns, broken at spaces; words longer than a line are broken too.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    textwrap::wrap(text, width.max(10)).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// `1 line`, `2 lines`.
pub fn plural(count: usize, one: &str, many: &str) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", if count == 1 { one } else { many })
}

/// The name of an input in words; a parameter or capability keeps its own spelling.
pub fn spaced(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { name.replace('_', " ") }
}

/// A category as it is written in rules and documents.
pub fn category(category: Category) -> String {
    name(category)
}

/// A value of a fixed set as it is written in rules and documents.
pub fn name(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The beginning of a text in one line of at most `width` columns.
pub fn clip(text: &str, width: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.width() <= width {
        return line;
    }
    let mut taken = 0;
    let fits = |c: &char| {
        taken += c.width().unwrap_or(0);
        taken < width
    };
    let head: String = line.chars().take_while(fits).collect();
    format!("{}…", head.trim_end())
}

/// Rows in aligned columns, indented; columns are measured by what is seen, not by colour codes.
pub fn columns<const N: usize>(rows: &[[String; N]], indent: usize) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(visible(cell));
        }
    }
    rows.iter().fold(String::new(), |mut text, row| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - visible(cell))));
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(&" ".repeat(indent));
        text.push_str(line.trim_end());
        text.push('\n');
        text
    })
}

/// How many columns a text takes, its colour codes left out.
pub fn visible(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_agree() {
        assert_eq!(plural(1, "line", "lines"), "1 line");
        assert_eq!(plural(1234567, "line", "lines"), "1,234,567 lines");
        assert_eq!(plural(0, "line", "lines"), "0 lines");
    }

    #[test]
    fn a_clipped_text_keeps_to_its_width() {
        assert_eq!(clip("one  two\nthree", 20), "one two three");
        assert_eq!(clip("one two three", 9), "one two…");
        assert_eq!(clip("日本語", 5), "日本…");
    }
}
