//! The selected functions as rows for programs (CSV, JSON) and for texts on the web (Markdown).
//!
//! Names are escaped as on the terminal, so that no format carries a control sequence to where it is looked at.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

use super::{
    Measure, Selection, Style,
    measure::{Value, Whole},
    notes,
    text::escape,
    title,
};
use crate::{Function, Snapshot, json};

/// Columns of CSV and JSON, where nothing has to fit anywhere.
const FOR_PROGRAMS: [Measure; 17] = [
    Measure::Kind,
    Measure::Module,
    Measure::File,
    Measure::Line,
    Measure::Calls,
    Measure::Timed,
    Measure::Unwound,
    Measure::Total,
    Measure::SelfTime,
    Measure::Waiting,
    Measure::Mean,
    Measure::Min,
    Measure::P50,
    Measure::P90,
    Measure::P99,
    Measure::P999,
    Measure::Max,
];

/// Columns of Markdown.
const FOR_PEOPLE: [Measure; 9] = [
    Measure::Calls,
    Measure::Total,
    Measure::SelfTime,
    Measure::SelfShare,
    Measure::Mean,
    Measure::P50,
    Measure::P99,
    Measure::Max,
    Measure::Shape,
];

/// CSV as RFC 4180 has it: a header, then a row per function. Of several files it has a first column that says which.
pub(crate) struct Csv {
    writer: csv::Writer<Vec<u8>>,
    columns: Vec<Measure>,
}

impl Csv {
    /// Begins with the header.
    pub(crate) fn new(columns: Option<&[Measure]>, several: bool) -> Csv {
        let columns = columns.unwrap_or(&FOR_PROGRAMS).to_vec();
        let mut csv = Csv { writer: csv::Writer::from_writer(Vec::new()), columns };
        let fields: Vec<String> = csv.columns.iter().map(|column| column.field()).collect();
        csv.record(several.then(|| "from".to_owned()).into_iter().chain(["name".to_owned()]).chain(fields));
        csv
    }

    /// Adds the functions of one file.
    pub(crate) fn add(&mut self, from: Option<&str>, snapshot: &Snapshot, selection: &Selection) {
        let whole = Whole::of(snapshot);
        for (_, function) in selection.of(snapshot) {
            let values: Vec<String> = self.columns.iter().map(|column| plain(column.of(function, whole))).collect();
            self.record(from.map(escape).into_iter().chain([escape(&function.name)]).chain(values));
        }
    }

    fn record(&mut self, fields: impl Iterator<Item = String>) {
        self.writer.write_record(fields).expect("memory takes every record, and all have as many fields");
    }

    /// The text.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.writer.into_inner().expect("memory takes everything")
    }
}

/// A value as programs read it: a bare number in ns, calls or percent.
fn plain(value: Value) -> String {
    match value {
        Value::Count(number) | Value::Ns(number) | Value::Bytes(number) => number.to_string(),
        Value::Share(part, whole) => percent(part, whole).map_or_else(String::new, |percent| percent.to_string()),
        Value::Text(text) => escape(&text),
    }
}

/// A share in percent with as many digits as mean something.
fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 * 1e6 / whole as f64).round() / 1e4)
}

/// A list of objects, one per function.
pub(crate) fn json(snapshot: &Snapshot, selection: &Selection) -> String {
    json::to_text(&Rows { snapshot, selection }) + "\n"
}

struct Rows<'a> {
    snapshot: &'a Snapshot,
    selection: &'a Selection,
}

struct Row<'a> {
    function: &'a Function,
    columns: &'a [Measure],
    whole: Whole,
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = Whole::of(self.snapshot);
        let columns = self.selection.columns.as_deref().unwrap_or(&FOR_PROGRAMS);
        let mut list = serializer.serialize_seq(Some(self.selection.functions.len()))?;
        for (_, function) in self.selection.of(self.snapshot) {
            list.serialize_element(&Row { function, columns, whole })?;
        }
        list.end()
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(1 + self.columns.len()))?;
        // JSON has escapes of its own, so programs get the name as it is.
        object.serialize_entry("name", &self.function.name)?;
        for column in self.columns {
            match column.of(self.function, self.whole) {
                Value::Count(number) | Value::Ns(number) | Value::Bytes(number) => {
                    object.serialize_entry(&column.field(), &number)?
                }
                Value::Share(part, whole) => object.serialize_entry(&column.field(), &percent(part, whole))?,
                Value::Text(text) => object.serialize_entry(&column.field(), &text)?,
            }
        }
        object.end()
    }
}

/// A table in GitHub's Markdown, the process above it and what needs saying below.
pub(crate) fn markdown(snapshot: &Snapshot, selection: &Selection) -> String {
    let columns = selection.columns.as_deref().unwrap_or(&FOR_PEOPLE);
    let whole = Whole::of(snapshot);
    let title = title(snapshot, &Style::plain());
    let (program, rest) = title.trim_end().split_once(" · ").unwrap_or((title.trim_end(), ""));
    let mut out = format!("**{}** · {rest}\n\n| function |", code(program));
    for column in columns {
        out += &format!(" {} |", column.title());
    }
    out += "\n| :--- |";
    for column in columns {
        out += if column.is_text() { " :--- |" } else { " ---: |" };
    }
    out.push('\n');
    for (_, function) in selection.of(snapshot) {
        out += &format!("| {} |", code(&escape(&function.name)));
        for column in columns {
            let text = column.text(function, whole);
            out += &match column {
                _ if text.trim().is_empty() => " |".into(),
                // The bars stand where they belong only if their spaces are kept.
                Measure::Shape => format!(" `{}` |", text.replace(' ', "\u{2003}")),
                column if column.is_text() => format!(" {} |", code(&text)),
                // A tilde alone would begin nothing, two would strike through.
                _ => format!(" {} |", text.trim_end().replace('~', "≈")),
            };
        }
        out.push('\n');
    }
    let notes: Vec<String> = selection.note().into_iter().chain(notes::of(snapshot)).collect();
    if !notes.is_empty() {
        out.push('\n');
    }
    for note in notes {
        out += &format!("- {}\n", text(&note.replace('~', "≈")));
    }
    out
}

/// A name as code. A character that could end the code or the cell stands as a character reference, which needs an element around it.
fn code(name: &str) -> String {
    match name {
        "" => "*(no name)*".into(),
        _ if name.contains(['`', '|', '\\']) || name.trim() != name => format!("<code>{}</code>", text(name)),
        _ => format!("`{name}`"),
    }
}

/// Text without a meaning in Markdown: every mark stands as a character reference.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '`' | '|' | '\\' | '<' | '>' | '&' | '*' | '_' | '[' | ']' | '~' | '#' | '!' | '@' | '$' => {
                out += &format!("&#{};", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}
