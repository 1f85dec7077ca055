//! From the text of a pack's files to values. Built only where packs are read: a browser is handed
//! the finished county and needs no TOML.

use std::ops::Range;

use geodata::region::RegionTree;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::calendar::WorkCalendar;
use super::catalogue::Catalogue;
use super::fault::PackFault;
use super::{County, Parts};

/// The catalogue a county starts from, as `catalogue.toml`.
pub const DEFAULT_CATALOGUE: &str = include_str!("../../defaults/catalogue.toml");
/// The working calendar a county starts from, as `calendar.toml`.
pub const DEFAULT_CALENDAR: &str = include_str!("../../defaults/calendar.toml");
/// A file with more faults than this is the wrong file; the rest would tell nobody anything.
const MAX_FAULTS: usize = 200;

/// The text of a pack's files; none where the pack has no such file.
#[derive(Clone, Copy, Default, Debug)]
pub struct PackTexts<'a> {
    /// `orgs.toml`.
    pub orgs: Option<&'a str>,
    /// `catalogue.toml`.
    pub catalogue: Option<&'a str>,
    /// `duties.toml`.
    pub duties: Option<&'a str>,
    /// `calendar.toml`.
    pub calendar: Option<&'a str>,
    /// `units.toml`.
    pub units: Option<&'a str>,
}

impl PackTexts<'_> {
    fn get(&self, file: &str) -> Option<&str> {
        let text = match file {
            "orgs.toml" => self.orgs,
            "catalogue.toml" => self.catalogue,
            "duties.toml" => self.duties,
            "calendar.toml" => self.calendar,
            "units.toml" => self.units,
            _ => None,
        };
        // Some editors put a byte order mark before the first word.
        text.map(|text| text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    fn parse<T: DeserializeOwned>(
        &self,
        file: &str,
        default: &str,
        faults: &mut Vec<PackFault>,
    ) -> Option<T> {
        let (value, new) = parse(file, self.get(file).unwrap_or(default));
        faults.extend(new);
        value
    }
}

impl County {
    /// Reads a county's files; defaults stand in for those it doesn't have.
    ///
    /// # Errors
    /// Every fault of every file, with line and column. What refers to a file that could not be
    /// read is not checked until it can.
    pub fn from_toml(tree: RegionTree, texts: PackTexts<'_>) -> Result<Self, Vec<PackFault>> {
        let mut faults = Vec::new();
        let parts = Parts {
            orgs: texts.parse("orgs.toml", "", &mut faults),
            catalogue: texts.parse("catalogue.toml", DEFAULT_CATALOGUE, &mut faults),
            duties: texts.parse("duties.toml", "", &mut faults),
            calendar: texts.parse("calendar.toml", DEFAULT_CALENDAR, &mut faults),
            units: texts.parse("units.toml", "", &mut faults),
        };
        Self::assemble(tree, parts, faults).map_err(|mut faults| {
            for fault in faults.iter_mut().filter(|fault| fault.line.is_none()) {
                if let Some(text) = texts.get(&fault.file) {
                    place(fault, text);
                }
            }
            faults.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
            faults
        })
    }

    /// The county of a tree, all else being the defaults.
    pub fn default_for(tree: RegionTree) -> Self {
        // The defaults are part of the program; a test holds them to being without fault.
        Self::from_toml(tree, PackTexts::default())
            .unwrap_or_else(|faults| panic!("the default pack is at fault: {faults:?}"))
    }
}

impl Default for Catalogue {
    /// The catalogue of a county that has none of its own.
    fn default() -> Self {
        Catalogue::new(built_in(DEFAULT_CATALOGUE)).unwrap_or_else(|faults| panic!("{faults:?}"))
    }
}

impl Default for WorkCalendar {
    /// The calendar of a county that has none of its own.
    fn default() -> Self {
        WorkCalendar::new(built_in(DEFAULT_CALENDAR)).unwrap_or_else(|faults| panic!("{faults:?}"))
    }
}

/// The value of a text that is part of the program; a test holds it to being without fault.
fn built_in<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("the default pack is at fault: {error}"))
}

/// Reads one file. TOML's reader stops at its first fault; here the table at fault is taken out
/// and the rest read again, until all have been found.
fn parse<T: DeserializeOwned>(file: &str, text: &str) -> (Option<T>, Vec<PackFault>) {
    let mut left = text.to_owned();
    let mut faults: Vec<PackFault> = Vec::new();
    while faults.len() < MAX_FAULTS {
        let error = match toml::from_str::<T>(&left) {
            Ok(value) if faults.is_empty() => return (Some(value), faults),
            Ok(_) => break,
            Err(error) => error,
        };
        let at = left.floor_char_boundary(error.span().map_or(0, |span| span.start));
        let table = table_around(&left, at);
        let taken_out = left[table.clone()].trim().is_empty() || is_taken_out(text, &error);
        if !faults.is_empty() && taken_out {
            break;
        }
        faults.push(parse_fault(file, text, at, &error));
        let is_toml = |text: &str| DeTable::parse(text).is_ok();
        if !is_toml(&left) {
            break;
        }
        blank(&mut left, table);
        if !is_toml(&left) {
            break;
        }
    }
    (None, faults)
}

/// Whether a list is missing only because all of it was at fault.
fn is_taken_out(text: &str, error: &toml::de::Error) -> bool {
    let missing = error.message().strip_prefix("missing field `");
    let name = missing.and_then(|rest| rest.split('`').next());
    name.is_some_and(|name| text.contains(&format!("[[{name}]]")))
}

/// From the header at or before a byte to the next header, or the lines before the first.
fn table_around(text: &str, at: usize) -> Range<usize> {
    let headers = || {
        text.match_indices('[')
            .map(|(at, _)| at)
            .filter(|at| starts_line(text, *at))
    };
    let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let from = headers()
        .take_while(|header| *header < line_end)
        .last()
        .unwrap_or(0);
    let to = headers()
        .find(|header| *header > from && *header >= line_end)
        .unwrap_or(text.len());
    from..to
}

fn starts_line(text: &str, at: usize) -> bool {
    text[..at]
        .bytes()
        .next_back()
        .is_none_or(|byte| byte == b'\n')
}

/// Overwrites a range with blanks, so that what follows keeps its line and column.
fn blank(text: &mut String, range: Range<usize>) {
    let blanks: String = text[range.clone()]
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    text.replace_range(range, &blanks);
}

fn parse_fault(file: &str, text: &str, at: usize, error: &toml::de::Error) -> PackFault {
    let (line, column) = line_column(text, at);
    let message = error.message().trim().replace('\n', " ");
    let remedy = if message.starts_with("unknown field") {
        "correct the word, or take the line out"
    } else if message.starts_with("missing field") {
        "add it to this table"
    } else {
        "correct this line; the defaults show the form of each file"
    };
    PackFault {
        file: file.to_owned(),
        path: header_path(text, at),
        line: Some(line),
        column: Some(column),
        message,
        remedy: remedy.to_owned(),
    }
}

/// The table that a byte lies in: `item[3]`.
fn header_path(text: &str, at: usize) -> String {
    let line_end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let headers = text[..line_end]
        .lines()
        .filter(|line| line.starts_with('['));
    let Some(header) = headers.clone().next_back() else {
        return String::new();
    };
    let name = header
        .trim_matches(|c| matches!(c, '[' | ']' | ' '))
        .to_owned();
    if !header.starts_with("[[") {
        return name;
    }
    let count = headers
        .filter(|line| line.trim_end() == header.trim_end())
        .count();
    format!("{name}[{}]", count - 1)
}

/// Gives a fault the line and column of its path, or of the nearest thing above it.
fn place(fault: &mut PackFault, text: &str) {
    let Ok(root) = DeTable::parse(text) else {
        return;
    };
    let root = root.into_inner();
    let mut here: Option<(&DeValue<'_>, usize)> = None;
    for step in fault
        .path
        .split(['.', '[', ']'])
        .filter(|step| !step.is_empty())
    {
        let next = match here {
            None => field(&root, step),
            Some((DeValue::Table(table), _)) => field(table, step),
            Some((DeValue::Array(list), _)) => {
                let entry = step.parse::<usize>().ok().and_then(|at| list.get(at));
                entry.map(|entry| (entry.get_ref(), entry.span().start))
            }
            Some(_) => None,
        };
        let Some(next) = next else { break };
        here = Some(next);
    }
    if let Some((_, at)) = here {
        let (line, column) = line_column(text, at);
        (fault.line, fault.column) = (Some(line), Some(column));
    }
}

fn field<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<(&'a DeValue<'i>, usize)> {
    let value = table.get(name)?;
    Some((value.get_ref(), value.span().start))
}

/// Line and column, both from 1, the column in characters.
fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{county, tree};
    use super::*;
    use proptest::prelude::*;

    fn faults(texts: PackTexts<'_>) -> Vec<PackFault> {
        County::from_toml(tree(), texts).expect_err("at fault")
    }

    fn places(faults: &[PackFault]) -> Vec<(&str, &str, usize)> {
        faults
            .iter()
            .map(|fault| {
                (
                    fault.file.as_str(),
                    fault.path.as_str(),
                    fault.line.unwrap_or(0),
                )
            })
            .collect()
    }

    #[test]
    fn an_empty_pack_is_a_whole_county() {
        let county = county();
        assert_eq!(
            (county.code.to_string().as_str(), county.name.as_str()),
            ("330899", "样例县")
        );
        assert_eq!(county.lamp_rules, county.catalogue.lamps());
        let json = serde_json::to_string(&county).expect("json");
        let back: County = serde_json::from_str(&json).expect("json");
        assert_eq!(serde_json::to_string(&back).expect("json"), json);
    }

    #[test]
    fn every_fault_of_every_file_is_listed_with_its_line() {
        let orgs = "[[org]]\nid = \"a\"\nname = \"甲\"\nkind = \"department\"\nregion = \"330899\"\n\n\
            [[org]]\nid = \"b\"\nnmae = \"乙\"\nkind = \"unit\"\nregion = \"330899\"\n\n\
            [[org]]\nid = \"c\"\nname = \"丙\"\nkind = \"unit\"\nregion = \"33\"\n";
        let duties = "[[rule]]\nlead = \"mayor\"\n[[rule]]\nlead = \"unit\"\nmin_severity = 9\n";
        let calendar = "version = \"x\"\n[[year]]\nyear = 2026\nholidays = [\n  \"2026-01-01\",\n  \"2024-01-01\",\n]\n";
        let all = faults(PackTexts {
            orgs: Some(orgs),
            duties: Some(duties),
            calendar: Some(calendar),
            catalogue: None,
            units: None,
        });
        let expected = [
            ("calendar.toml", "year[0].holidays[1]", 6),
            ("duties.toml", "rule[0]", 2),
            ("duties.toml", "rule[1]", 5),
            ("orgs.toml", "org[0]", 4),
            ("orgs.toml", "org[1]", 9),
            ("orgs.toml", "org[2]", 17),
        ];
        assert_eq!(places(&all), expected, "{all:#?}");
        assert!(
            all.iter()
                .all(|fault| !fault.message.is_empty() && !fault.remedy.is_empty())
        );
    }

    #[test]
    fn broken_toml_is_one_fault_with_its_place() {
        let all = faults(PackTexts {
            calendar: Some("version = \"x\"\nhours = [\"08:30-12:00\"\n"),
            ..PackTexts::default()
        });
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0].file, "calendar.toml");
        assert!(all[0].line.is_some_and(|line| line >= 2));
        let missing = faults(PackTexts {
            calendar: Some("hours = [\"08:30-12:00\"]\n"),
            ..PackTexts::default()
        });
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert!(missing[0].message.contains("version"));
    }

    #[test]
    fn faults_between_files_have_a_place_too() {
        let duties =
            "[[rule]]\ncategory = \"0301\"\nlead = \"unit\"\n\n[[rule]]\nlead = \"org:nobody\"\n";
        let all = faults(PackTexts {
            duties: Some(duties),
            ..PackTexts::default()
        });
        assert_eq!(places(&all), [("duties.toml", "rule[1].lead", 6)]);
        assert_eq!(
            all[0].to_string(),
            "duties.toml:6:8 rule[1].lead: there is no organisation nobody; correct it, or add it to orgs.toml"
        );
    }

    #[test]
    fn a_list_that_is_all_at_fault_is_not_also_missing() {
        let text = DEFAULT_CATALOGUE.replace("\ncode = ", "\ncod = ");
        let all = faults(PackTexts {
            catalogue: Some(&text),
            ..PackTexts::default()
        });
        assert_eq!(all.len(), 52, "{all:?}");
        assert!(
            all.iter()
                .all(|fault| fault.message.starts_with("unknown field"))
        );
    }

    #[test]
    fn a_catalogue_of_ones_own_needs_none_of_the_usual_categories() {
        let (head, _) = DEFAULT_CATALOGUE.split_once("\n[[item]]").expect("items");
        let text = format!(
            "{head}\n[[item]]\ncode = \"0101\"\nname = \"甲\"\nplatform = \"综治工作\"\n\
             severity = 1\nlead = [\"公安\"]\nclass = \"D\"\n"
        );
        let texts = PackTexts {
            catalogue: Some(&text),
            ..PackTexts::default()
        };
        let county = County::from_toml(tree(), texts).expect("no fault");
        assert_eq!(county.catalogue.items.len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_text_panics_and_every_fault_has_a_place(
            cut in 0usize..300,
            junk in "[\\[\\]=\"\n a-z中0-9]{0,12}",
        ) {
            let text = "[[rule]]\ncategory = \"0301\"\nlead = \"unit\"\nwhy = \"消防\"\n".repeat(4);
            let cut = text.floor_char_boundary(cut);
            let text = format!("{}{junk}{}", &text[..cut], &text[cut..]);
            let texts = PackTexts { duties: Some(&text), ..PackTexts::default() };
            if let Err(faults) = County::from_toml(tree(), texts) {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|fault| fault.line.is_some()), "{:?}", faults);
            }
        }
    }

    #[test]
    fn a_byte_order_mark_and_windows_lines_are_read() {
        let duties = "\u{feff}[[rule]]\r\nlead = \"centre\"\r\n";
        let county = County::from_toml(
            tree(),
            PackTexts {
                duties: Some(duties),
                ..PackTexts::default()
            },
        );
        assert_eq!(county.expect("no fault").duties.rules().len(), 7);
    }
}
