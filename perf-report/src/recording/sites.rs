//! The sites of a recording: the annotated places, as functions without figures.

use super::{
    blocks::{Block, Blocks},
    layout::{WORD_BYTES, header, site},
};
use crate::{Budget, Function, Kind, Timing};

/// The sites that are described, and how many ids are in use.
#[derive(Debug)]
pub(super) struct Sites {
    pub(super) count: usize,
    /// Id and description, by rising id.
    pub(super) described: Vec<(usize, Function)>,
}

impl Sites {
    pub(super) fn read(head: &Block<'_>, blocks: &mut Blocks<'_>) -> Sites {
        let told = usize::try_from(head.get(header::SITES)).unwrap_or(usize::MAX);
        let mut sites = Sites { count: 0, described: Vec::new() };
        for chunk in 0..site::CHUNKS {
            let entries = (site::FIRST_CHUNK << chunk).min(told - sites.count);
            if entries == 0 {
                return sites;
            }
            let pointer = header::SITE_DIRECTORY + chunk;
            let offset = head.get(pointer);
            let Some(list) = blocks.claim(pointer, 0, offset, (site::FIRST_CHUNK << chunk) as u64, "list of sites")
            else {
                break;
            };
            for (entry, &offset) in list.words[..entries].iter().enumerate() {
                if offset == 0 && blocks.growing() {
                    // Its id is taken, and its description follows.
                    continue;
                }
                let id = sites.count + entry + 1;
                if let Some(function) = describe(id, list.at + entry, offset, blocks) {
                    sites.described.push((id, function));
                }
            }
            sites.count += entries;
        }
        if !blocks.growing() {
            let count = sites.count;
            blocks.damage(header::SITES, || format!("{told} sites are said to exist, but only {count} are listed"));
        }
        sites
    }
}

/// Reads the record of a site.
fn describe(id: usize, pointer: usize, offset: u64, blocks: &mut Blocks<'_>) -> Option<Function> {
    let name = "description of a site";
    let at = usize::try_from(offset).unwrap_or(usize::MAX);
    // Its length stands in it, so it is looked at before it is claimed.
    let lengths = [site::NAME_BYTES, site::MODULE_BYTES, site::FILE_BYTES, site::BUDGET_BYTES]
        .map(|field| blocks.peek(at.saturating_add(field)).unwrap_or(0));
    let len = lengths.iter().fold(site::STRINGS as u64, |sum, bytes| sum.saturating_add(bytes.div_ceil(8)));
    let record = blocks.claim(pointer, 0, offset, len, name)?;
    let mut at = site::STRINGS;
    let [name, module, file, budgets] = lengths.map(|bytes| {
        let bytes = bytes as usize;
        let text = record.text(at, bytes);
        at += bytes.div_ceil(WORD_BYTES);
        text
    });
    let code = record.get(site::KIND);
    let kind = Kind::from_code(code).unwrap_or_else(|| {
        blocks.damage(record.at + site::KIND, || format!("site {id} has the unknown kind {code}"));
        Kind::Function
    });
    let code = record.get(site::TIMING);
    let timing = Timing::from_code(code).unwrap_or_else(|| {
        blocks.damage(record.at + site::TIMING, || format!("site {id} has the unknown timing {code}"));
        Timing::Exact
    });
    let budgets = budgets.split(';').filter(|budget| !budget.is_empty()).filter_map(|budget| {
        let parsed = budget.split_once('=').and_then(|(figure, limit)| {
            Some(Budget { figure: figure.trim().into(), limit: limit.trim().parse().ok()? })
        });
        if parsed.is_none() {
            blocks.damage(record.at + site::BUDGET_BYTES, || format!("site {id} has the malformed budget {budget:?}"));
        }
        parsed
    });
    let budgets = budgets.collect();
    let line = u32::try_from(record.get(site::LINE)).unwrap_or(u32::MAX);
    let names = record.get(site::NAMES);
    Some(Function { module, file, line, kind, timing, budgets, names, ..Function::new(name) })
}
