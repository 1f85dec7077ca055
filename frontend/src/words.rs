//! The county in words: names for the codes that events carry. The server sends them once;
//! what it does not name is shown by its code, never as a blank.

use std::collections::HashMap;

use domain::pack::catalogue::CategoryCode;
use domain::wire::labels::Labels;
use geodata::region::{Code, Level};

use crate::i18n::Lang;

/// Names by code, in both languages where the pack has both.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Words {
    county: String,
    regions: HashMap<Code, String>,
    categories: HashMap<CategoryCode, (String, String)>,
    orgs: HashMap<String, (String, String)>,
    /// Platforms in the order to show them: Chinese and English name.
    pub platforms: Vec<(String, String)>,
    /// The platform that handles a category.
    pub platform_of: HashMap<CategoryCode, String>,
}

/// How many regions there are of each level.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Townships and subdistricts.
    pub townships: usize,
    /// Villages and communities.
    pub villages: usize,
    /// Grids.
    pub grids: usize,
}

impl Words {
    /// Indexes what the server sent.
    pub fn new(labels: Labels) -> Self {
        Self {
            county: labels.name,
            regions: labels.regions.into_iter().collect(),
            platform_of: labels
                .categories
                .iter()
                .map(|c| (c.code, c.platform.clone()))
                .collect(),
            categories: labels
                .categories
                .into_iter()
                .map(|c| (c.code, (c.name, c.en)))
                .collect(),
            orgs: labels
                .orgs
                .into_iter()
                .map(|(id, name, en)| (id, (name, en)))
                .collect(),
            platforms: labels.platforms,
        }
    }

    /// Whether the words have arrived.
    pub fn is_loaded(&self) -> bool {
        !self.county.is_empty()
    }

    /// The county's name.
    pub fn county(&self) -> &str {
        &self.county
    }

    /// A region's own name.
    pub fn region(&self, code: Code) -> String {
        self.regions
            .get(&code)
            .cloned()
            .unwrap_or_else(|| code.to_string())
    }

    /// The name of the township a region lies in, or of the region where it is larger.
    pub fn township(&self, code: Code) -> String {
        self.region(code.at(Level::Township).unwrap_or(code))
    }

    /// The smallest named place: grid, village or township.
    pub fn place(&self, code: Code) -> String {
        code.ancestors()
            .find_map(|c| self.regions.get(&c))
            .cloned()
            .unwrap_or_default()
    }

    /// Every region that is named, by code.
    pub fn regions(&self) -> Vec<(Code, &str)> {
        let mut all: Vec<(Code, &str)> = self
            .regions
            .iter()
            .map(|(code, name)| (*code, name.as_str()))
            .collect();
        all.sort_unstable_by_key(|(code, _)| *code);
        all
    }

    /// The regions of one level below `scope`.
    pub fn below(&self, scope: Code, level: Level) -> Vec<Code> {
        let mut codes: Vec<Code> = self
            .regions
            .keys()
            .copied()
            .filter(|code| code.level() == level && scope.contains(*code))
            .collect();
        codes.sort_unstable();
        codes
    }

    /// How many regions lie in `scope`.
    pub fn counts(&self, scope: Code) -> Counts {
        let mut counts = Counts::default();
        for code in self.regions.keys().filter(|code| scope.contains(**code)) {
            match code.level() {
                Level::Township => counts.townships += 1,
                Level::Village => counts.villages += 1,
                Level::Grid => counts.grids += 1,
                Level::County | Level::MicroGrid => {}
            }
        }
        counts
    }

    /// A category's name.
    pub fn category(&self, lang: Lang, code: CategoryCode) -> Option<&str> {
        self.categories.get(&code).map(|names| pick(lang, names))
    }

    /// Every category with its name in Chinese, by code.
    pub fn categories(&self) -> Vec<(CategoryCode, &str)> {
        let mut all: Vec<(CategoryCode, &str)> = self
            .categories
            .iter()
            .map(|(code, names)| (*code, names.0.as_str()))
            .collect();
        all.sort_unstable();
        all
    }

    /// Every organisation's id and name, by id.
    pub fn orgs(&self, lang: Lang) -> Vec<(&str, &str)> {
        let mut all: Vec<(&str, &str)> = self
            .orgs
            .iter()
            .map(|(id, names)| (id.as_str(), pick(lang, names)))
            .collect();
        all.sort_unstable();
        all
    }

    /// An organisation's full name, or its id.
    pub fn org_name<'a>(&'a self, lang: Lang, id: &'a str) -> &'a str {
        self.orgs.get(id).map_or(id, |names| pick(lang, names))
    }

    /// An organisation's name, without the place that `region` or the whole screen already tells.
    pub fn org<'a>(&'a self, lang: Lang, id: &'a str, region: Code) -> &'a str {
        let name = self.orgs.get(id).map_or(id, |names| pick(lang, names));
        self.without_place(name, region)
    }

    /// A text without the county's and the township's name before it, where something is left.
    pub fn without_place<'a>(&self, text: &'a str, region: Code) -> &'a str {
        let strip = |text: &'a str, place: Option<&String>| {
            let rest = place
                .filter(|p| !p.is_empty())
                .and_then(|p| text.strip_prefix(p.as_str()));
            rest.map(str::trim_start)
                .filter(|rest| !rest.is_empty())
                .unwrap_or(text)
        };
        let text = strip(text, Some(&self.county));
        strip(
            text,
            region
                .at(Level::Township)
                .and_then(|code| self.regions.get(&code)),
        )
    }
}

/// The name in `lang`, falling back to Chinese where the pack has no English.
pub fn pick(lang: Lang, names: &(String, String)) -> &str {
    match lang {
        Lang::En if !names.1.is_empty() => &names.1,
        _ => &names.0,
    }
}

/// The source of a report in words; the sources are data, so an unknown one speaks for itself.
pub fn source(lang: Lang, source: &str) -> String {
    let (zh, en) = match source {
        "grid" | "grid_app" | "gridapp" => ("网格上报", "Grid"),
        "12345" | "hotline_12345" | "hotline12345" => ("12345", "12345"),
        "110" | "police110" | "police" => ("110", "110"),
        "sensor" | "iot" | "device" => ("感知设备", "Sensor"),
        "citizen" | "citizen_app" | "wechat" | "app" => ("群众上报", "Citizen"),
        "camera" | "video" => ("视频巡查", "Camera"),
        "patrol" => ("巡查", "Patrol"),
        "petition" => ("信访", "Petition"),
        "open311" => ("Open311", "Open311"),
        "cap" => ("预警信息", "Alert"),
        "csv" | "import" => ("批量导入", "Import"),
        "desk" => ("来电代报", "Phone call"),
        other => return other.to_owned(),
    };
    match lang {
        Lang::Zh => zh.to_owned(),
        Lang::En => en.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_told_already_is_not_told_again() {
        let labels = Labels {
            name: "青溪县".to_owned(),
            regions: vec![("330899101".parse().expect("code"), "樟潭街道".to_owned())],
            orgs: vec![("P".into(), "樟潭街道便民服务平台".into(), String::new())],
            ..Labels::default()
        };
        let words = Words::new(labels);
        let grid: Code = "330899101001001".parse().expect("code");
        assert_eq!(words.org(Lang::En, "P", grid), "便民服务平台");
        assert_eq!(words.without_place("青溪县水利局", grid), "水利局");
        assert_eq!(words.without_place("樟潭街道", grid), "樟潭街道");
        assert_eq!(words.org(Lang::Zh, "X-9", grid), "X-9");
    }
}
