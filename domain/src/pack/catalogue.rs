//! What can be reported: the categories, how bad each is by default, whose it is and how long it
//! may take. Who leads in a given place is `duties`; counting the time is `limits`.

mod check;
mod file;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use self::file::CatalogueFile;
use super::fault::{Check, PackFault};
use super::limits::{LampRules, Limit, Severity};
use super::notices::NoticeRules;
use super::sessions::SessionRules;
use crate::time::as_text::serde_as_text;

/// A category's code: four digits, the first two its major category's. Serde as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CategoryCode(u16);

impl CategoryCode {
    /// The major category it belongs to.
    pub const fn major(self) -> MajorCode {
        MajorCode((self.0 / 100) as u8)
    }
}

impl fmt::Display for CategoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl FromStr for CategoryCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        digits(text, 4).map(Self).ok_or(CodeError { digits: 4 })
    }
}

serde_as_text!(CategoryCode, "0301");

/// A major category's code: two digits. Serde as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MajorCode(u8);

impl fmt::Display for MajorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl FromStr for MajorCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        digits(text, 2)
            .map(|code| Self(code as u8))
            .ok_or(CodeError { digits: 2 })
    }
}

serde_as_text!(MajorCode, "03");

/// A text that should have been a category's code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a code of this kind is a text of {digits} digits")]
pub struct CodeError {
    digits: usize,
}

fn digits(text: &str, count: usize) -> Option<u16> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// How pressing a category is by nature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum TimeClass {
    /// 应急: life or fire; runs round the clock.
    A,
    /// 急办: urgent; runs round the clock.
    B,
    /// 即办: in the street and quickly mended.
    C,
    /// 常规: regular.
    D,
    /// 复杂: negotiated, or by legal procedure.
    E,
}

impl TimeClass {
    /// Every class, the most pressing first.
    pub const ALL: [Self; 5] = [Self::A, Self::B, Self::C, Self::D, Self::E];
}

impl fmt::Display for TimeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The limits of one class at one severity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassLimits {
    /// From the order until the unit signs for it.
    pub sign: Limit,
    /// From signing until the first action.
    pub first_action: Limit,
    /// From the assessment until the result is fed back.
    pub finish: Limit,
}

/// One time class as written: limits from severity 1 (Ⅳ) to 4 (Ⅰ).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassFile {
    /// Which class.
    pub class: TimeClass,
    /// Its name.
    pub name: String,
    /// Its name in English.
    #[serde(default)]
    pub en: String,
    /// Limits at level Ⅰ, severity 4.
    pub level_1: ClassLimits,
    /// Limits at level Ⅱ, severity 3.
    pub level_2: ClassLimits,
    /// Limits at level Ⅲ, severity 2.
    pub level_3: ClassLimits,
    /// Limits at level Ⅳ, severity 1.
    pub level_4: ClassLimits,
}

impl ClassFile {
    fn at(&self, severity: Severity) -> &ClassLimits {
        match severity {
            Severity::I => &self.level_1,
            Severity::II => &self.level_2,
            Severity::III => &self.level_3,
            _ => &self.level_4,
        }
    }
}

/// A major category (大类).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Major {
    /// Its code.
    pub code: MajorCode,
    /// Its name.
    pub name: String,
    /// Its name in English.
    #[serde(default)]
    pub en: String,
}

/// A platform of a township, as categories name it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Its name, which categories and organisations refer to.
    pub name: String,
    /// Its name in English.
    #[serde(default)]
    pub en: String,
    /// The platform that does its work in townships that have none of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// A category (小类): what a report is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its code.
    pub code: CategoryCode,
    /// Its name, unique in the catalogue.
    pub name: String,
    /// Its name in English.
    #[serde(default)]
    pub en: String,
    /// The platform that handles it in a township.
    pub platform: String,
    /// Its category in the Common Alerting Protocol.
    #[serde(default = "cap_other")]
    pub cap_category: CapCategory,
    /// How bad it is unless somebody assesses it otherwise: 1 (Ⅳ) to 4 (Ⅰ).
    pub severity: Severity,
    /// The department types whose it is, the first one first.
    pub lead: Vec<String>,
    /// Department types that take part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cooperate: Vec<String>,
    /// How pressing it is by nature.
    pub class: TimeClass,
    /// Whether a grid worker may settle it on the spot.
    #[serde(default)]
    pub self_handle: bool,
    /// Whether it concerns a person in trouble: walls then show that there is something, and
    /// neither what nor where exactly.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

impl Category {
    /// The major category it belongs to.
    pub const fn major(&self) -> MajorCode {
        self.code.major()
    }
}

/// The categories of CAP 1.2.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words of the standard")]
pub enum CapCategory {
    Geo,
    Met,
    Safety,
    Security,
    Rescue,
    Fire,
    Health,
    Env,
    Transport,
    Infra,
    #[serde(rename = "CBRNE")]
    Cbrne,
    Other,
}

fn cap_other() -> CapCategory {
    CapCategory::Other
}

/// What stands behind a source of reports: decides who may confirm in the reporter's stead.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// People report and confirm themselves.
    People,
    /// A hotline takes calls and calls back.
    Hotline,
    /// A camera, a sensor: nobody to ask.
    Device,
}

/// A source of reports, as a county names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// The name it posts under.
    pub name: String,
    /// What stands behind it.
    pub kind: SourceKind,
}

/// The source of what a command room reports on behalf of a caller (代报).
pub const CALLER_SOURCE: &str = "desk";

/// No category has this code or name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the catalogue has no category {0:?}")]
pub struct UnknownCategory(pub String);

/// The county's catalogue of categories and limits.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(try_from = "CatalogueFile", into = "CatalogueFile")]
pub struct Catalogue {
    /// Names this state of the catalogue.
    pub version: String,
    /// How soon a report is to be accepted; its class is not known yet.
    pub accept: Limit,
    /// How long a reporter has to confirm the result.
    pub confirm: Limit,
    /// Major categories, in the order they are shown.
    pub majors: Vec<Major>,
    /// Categories by code.
    pub items: Vec<Category>,
    platforms: Vec<Platform>,
    sources: Vec<SourceFile>,
    lamps: LampRules,
    sessions: SessionRules,
    notices: NoticeRules,
    /// In the order of [`TimeClass::ALL`]; all are there.
    classes: Vec<ClassFile>,
    by_name: BTreeMap<String, CategoryCode>,
}

impl Catalogue {
    /// Checks what a county wrote and indexes it.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn new(mut file: CatalogueFile) -> Result<Self, Vec<PackFault>> {
        let mut check = Check::new("catalogue.toml");
        check::file(&file, &mut check);
        file.sessions.check(&mut check);
        file.notices.check(&mut check);
        file.item.sort_by_key(|item| item.code);
        file.class.sort_by_key(|class| class.class);
        let by_name = file
            .item
            .iter()
            .map(|item| (item.name.clone(), item.code))
            .collect();
        check.done(Self {
            version: file.version,
            accept: file.accept,
            confirm: file.confirm,
            majors: file.major,
            items: file.item,
            platforms: file.platform,
            sources: file.source,
            lamps: file.lamps,
            sessions: file.sessions,
            notices: file.notices,
            classes: file.class,
            by_name,
        })
    }

    /// The category of a code.
    pub fn get(&self, code: CategoryCode) -> Option<&Category> {
        let at = self
            .items
            .binary_search_by_key(&code, |item| item.code)
            .ok()?;
        self.items.get(at)
    }

    /// The category that a text names, by its code or its exact name.
    pub fn find(&self, text: &str) -> Option<&Category> {
        let text = text.trim();
        let code = text
            .parse()
            .ok()
            .or_else(|| self.by_name.get(text).copied())?;
        self.get(code)
    }

    /// As [`Self::find`], for those who have to say why not.
    pub fn lookup(&self, text: &str) -> Result<&Category, UnknownCategory> {
        self.find(text)
            .ok_or_else(|| UnknownCategory(text.chars().take(40).collect()))
    }

    /// The major category of a code.
    pub fn major(&self, code: MajorCode) -> Option<&Major> {
        self.majors.iter().find(|major| major.code == code)
    }

    /// The limits of a class at a severity.
    pub fn limits(&self, class: TimeClass, severity: Severity) -> ClassLimits {
        // Construction made sure that every class is there, in order.
        *self.classes[class as usize].at(severity)
    }

    /// Platforms that stand on their own, in the order to show them: name, English name.
    pub fn platforms(&self) -> Vec<(String, String)> {
        let own = self
            .platforms
            .iter()
            .filter(|platform| platform.within.is_none());
        own.map(|platform| (platform.name.clone(), platform.en.clone()))
            .collect()
    }

    /// The platform that does another's work where a township doesn't have it; else none.
    pub fn platform_host(&self, name: &str) -> Option<&str> {
        self.platforms
            .iter()
            .find(|platform| platform.name == name)?
            .within
            .as_deref()
    }

    /// What stands behind a source. A room that reports for a caller is a hotline, unless the pack
    /// says otherwise: the caller has no account to confirm with, and is called back.
    pub fn source_kind(&self, name: &str) -> SourceKind {
        let found = self.sources.iter().find(|source| source.name == name);
        match found {
            Some(source) => source.kind,
            None if name == CALLER_SOURCE => SourceKind::Hotline,
            None => SourceKind::People,
        }
    }

    /// When lamps turn.
    pub fn lamps(&self) -> LampRules {
        self.lamps
    }

    /// The limits of 1+1+X sessions.
    pub fn sessions(&self) -> SessionRules {
        self.sessions
    }

    /// How long escalation chains wait.
    pub fn notices(&self) -> NoticeRules {
        self.notices
    }
}

impl TryFrom<CatalogueFile> for Catalogue {
    type Error = PackFault;

    fn try_from(file: CatalogueFile) -> Result<Self, PackFault> {
        Self::new(file).map_err(PackFault::first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> CategoryCode {
        text.parse().expect(text)
    }

    #[test]
    fn the_default_has_ten_major_and_forty_two_minor_categories_in_both_languages() {
        let catalogue = Catalogue::default();
        assert_eq!((catalogue.majors.len(), catalogue.items.len()), (10, 42));
        assert!(catalogue.majors.iter().all(|major| !major.en.is_empty()));
        for item in &catalogue.items {
            assert!(item.en.is_ascii() && !item.en.is_empty(), "{}", item.name);
            assert!(catalogue.major(item.major()).is_some());
        }
        let levels = |severity| {
            catalogue
                .items
                .iter()
                .filter(|item| item.severity == severity)
                .count()
        };
        assert_eq!(Severity::ALL.map(levels), [13, 17, 12, 0]);
        let classes = TimeClass::ALL.map(|class| {
            catalogue
                .items
                .iter()
                .filter(|item| item.class == class)
                .count()
        });
        assert_eq!(classes, [9, 12, 5, 9, 7]);
    }

    #[test]
    fn a_category_is_found_by_code_and_by_name() {
        let catalogue = Catalogue::default();
        let fire = catalogue.find("0301").expect("fire");
        assert_eq!(
            (fire.name.as_str(), fire.severity, fire.class),
            ("火情火灾", Severity::II, TimeClass::A)
        );
        assert_eq!(
            catalogue.find(" 火情火灾 ").map(|item| item.code),
            Some(code("0301"))
        );
        assert_eq!(catalogue.get(code("0399")), None);
        assert_eq!(
            catalogue.lookup("火"),
            Err(UnknownCategory("火".to_owned()))
        );
        assert_eq!(code("0301").to_string(), "0301");
        for text in ["301", "00301", "03a1", "", "+301", "０３０１"] {
            assert!(text.parse::<CategoryCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn level_one_of_the_file_is_severity_four() {
        let catalogue = Catalogue::default();
        let finish = |class, severity| catalogue.limits(class, severity).finish.to_string();
        assert_eq!(
            Severity::ALL.map(|severity| finish(TimeClass::A, severity)),
            ["24H", "12H", "4H", "2H"]
        );
        assert_eq!(
            [Severity::IV, Severity::I].map(|severity| finish(TimeClass::E, severity)),
            ["7WD", "20WD"]
        );
        assert_eq!(
            catalogue
                .limits(TimeClass::C, Severity::III)
                .sign
                .to_string(),
            "2WH"
        );
        assert_eq!(catalogue.lamps(), LampRules::default());
    }

    #[test]
    fn a_platform_may_live_within_another() {
        let catalogue = Catalogue::default();
        assert_eq!(catalogue.platforms().len(), 4);
        assert_eq!(catalogue.platform_host("应急管理"), Some("综治工作"));
        assert_eq!(catalogue.platform_host("综治工作"), None);
    }

    #[test]
    fn every_fault_is_named() {
        let mut file = CatalogueFile::from(Catalogue::default());
        file.class.remove(2);
        file.item[0].platform = "没有".to_owned();
        file.item[1].name = " ".to_owned();
        file.item[2].lead.clear();
        file.item[4].code = file.item[3].code;
        file.item[5].name = file.item[6].name.clone();
        file.platform[0].within = Some("应急管理".to_owned());
        file.lamps.amber_percent = 101;
        file.major.remove(9);
        let faults = Catalogue::new(file).expect_err("at fault");
        let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
        let expected = [
            "lamps.amber_percent",
            "class",
            "platform[0].within",
            "platform[4].within",
            "item[4].code",
            "item[6].name",
            "item[0].platform",
            "item[1].name",
            "item[2].lead",
            "item[39].code",
            "item[40].code",
            "item[41].code",
        ];
        assert_eq!(paths, expected);
    }

    #[test]
    fn json_round_trips_and_is_checked() {
        let catalogue = Catalogue::default();
        let json = serde_json::to_string(&catalogue).expect("json");
        assert_eq!(
            serde_json::from_str::<Catalogue>(&json).expect("json"),
            catalogue
        );
        assert!(
            serde_json::from_str::<Catalogue>(
                &json.replace("\"class\":\"B\",\"name\"", "\"class\":\"A\",\"name\"")
            )
            .is_err()
        );
    }
}
