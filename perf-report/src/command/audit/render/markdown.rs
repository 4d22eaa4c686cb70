//! Markdown: a table of the findings, for a comment or a wiki.

use super::{at, at_best, stake_sentence, summary};
use crate::{
    command::audit::{finding::Finding, report::Report},
    view::{text::escape, units},
};

pub(in crate::command::audit) fn render(report: &Report, limit: usize) -> String {
    let mut out = format!("### Audit: {}\n", cell(&summary(report)));
    let shown: Vec<&Finding> = report.new_findings().take(limit).collect();
    if !shown.is_empty() {
        let has_stake = shown.iter().any(|finding| finding.stake.is_some());
        out += if has_stake {
            "\n| at best | severity | finding | place |\n|---:|---|---|---|\n"
        } else {
            "\n| severity | finding | place |\n|---|---|---|\n"
        };
        for finding in shown {
            out += &row(finding, has_stake);
        }
    }
    if let Some(startup) = &report.startup {
        out += &format!(
            "\n**Start**: {} in initialisers; no order takes less than {} ({}).\n",
            units::duration(startup.spent_ns),
            units::duration(startup.critical_ns),
            startup.critical_path.iter().map(|name| cell(name)).collect::<Vec<_>>().join(" → ")
        );
        for advice in &startup.advice {
            out += &format!("- {} At best {} saved.\n", cell(&advice.text), units::duration(advice.saves_ns));
        }
    }
    if !report.notes.is_empty() {
        out += "\n";
        for note in &report.notes {
            out += &format!("- {}\n", cell(note));
        }
    }
    out
}

fn row(finding: &Finding, has_stake: bool) -> String {
    let mut text = format!("**{}**: {}", cell(&finding.check), cell(&finding.message));
    if let Some(stake) = &finding.stake {
        text += &format!("<br>{}", cell(&stake_sentence(finding, stake)));
    }
    for help in &finding.help {
        text += &format!("<br>{}", cell(help));
    }
    let place = cell(&at(finding));
    let first = match &finding.stake {
        Some(stake) if has_stake => format!("| {} ", cell(&at_best(stake))),
        _ if has_stake => "| ".to_owned(),
        _ => String::new(),
    };
    format!("{first}| {} | {text} | {place} |\n", finding.severity.name())
}

/// A text in a cell of a table: what has a meaning in Markdown or HTML is written as an escape, except code between backticks.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let text = escape(text);
    // A backtick without its partner would swallow the rest of the row.
    let has_code = text.matches('`').count().is_multiple_of(2);
    let mut in_code = false;
    for character in text.chars() {
        match character {
            '`' if has_code => {
                in_code = !in_code;
                out.push('`');
            }
            '|' => out += "\\|",
            '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '~' if !in_code => {
                out.push('\\');
                out.push(character);
            }
            '<' if !in_code => out += "&lt;",
            '>' if !in_code => out += "&gt;",
            '&' if !in_code => out += "&amp;",
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_is_only_text_and_code() {
        assert_eq!(cell("a|b <i> *x* `Vec<u8>`\n"), r"a\|b &lt;i&gt; \*x\* `Vec<u8>`\\n");
        assert_eq!(cell("one ` alone _x_"), r"one \` alone \_x\_");
    }
}
