//! Turns what a source sent into a report, or into a list of everything that is wrong with it.
//! Every entrance (HTTP, the Redis stream, files) passes through here, so that all refuse alike.

use geodata::crs::{Crs, Point, to_wgs84};
use geodata::region::Code;
use serde_json::{Map, Value};

use crate::incident::command::Report;
use crate::incident::event::{Original, Place, Reporter};
use crate::pack::County;
use crate::pack::catalogue::CategoryCode;
use crate::pack::limits::Severity;
use crate::refusal::{Class, Refusal};
use crate::time::{Span, Timestamp};
use crate::wire::report::parse_level;

/// Longest `source`, in characters.
pub const MAX_SOURCE_CHARS: usize = 64;
/// Longest `external_id`, in characters.
pub const MAX_EXTERNAL_ID_CHARS: usize = 128;
/// Longest `title`, in characters.
pub const MAX_TITLE_CHARS: usize = 200;
/// Longest `description`, in characters (that of Open311 GeoReport v2).
pub const MAX_DESCRIPTION_CHARS: usize = 4_000;
/// Longest `address`, in characters.
pub const MAX_ADDRESS_CHARS: usize = 300;
/// Longest name or phone of a reporter, in characters.
pub const MAX_REPORTER_CHARS: usize = 64;
/// Most attachments.
pub const MAX_ATTACHMENTS: usize = 20;
/// How many hexadecimal digits the id of an attachment has.
const ATTACHMENT_ID_DIGITS: usize = 64;
/// How far ahead of the server's clock `occurred_at` may be: clocks differ.
pub const MAX_AHEAD: Span = Span::mins(5);
/// How long ago `occurred_at` may be.
pub const MAX_AGO: Span = Span::days(366);

/// What checking a report needs.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The county's names and catalogue.
    pub county: &'a County,
    /// WGS-84 position to the smallest region that holds it; none outside the county.
    pub locate: &'a dyn Fn(Point) -> Option<Code>,
    /// The server's time.
    pub now: Timestamp,
    /// The source the caller is known as; a report may name no other.
    pub source: Option<&'a str>,
}

/// Checks one report.
///
/// # Errors
/// Everything that is wrong with it, each with its field.
pub fn admit(value: &Value, desk: Desk<'_>) -> Result<Report, Vec<Refusal>> {
    let Value::Object(map) = value else {
        return Err(vec![Refusal::new(
            Class::Invalid,
            "not_an_object",
            "上报内容应为 JSON 对象",
            "A report is a JSON object",
        )]);
    };
    let mut form = Form {
        map,
        wrong: Vec::new(),
    };
    let source = source(&mut form, desk.source);
    let external_id = form.required("external_id", MAX_EXTERNAL_ID_CHARS);
    let title = form.required("title", MAX_TITLE_CHARS);
    let description = form.text("description", MAX_DESCRIPTION_CHARS);
    let category = category(&mut form, desk.county);
    let claimed = level(&mut form);
    let (place, region) = place(&mut form, desk);
    let reporter = reporter(&mut form);
    let occurred_at = occurred_at(&mut form, desk.now);
    let attachments = attachments(&mut form);
    match (source, external_id, title, region) {
        (Some(source), Some(external_id), Some(title), Some(region)) if form.wrong.is_empty() => {
            Ok(Report {
                source,
                external_id,
                title,
                description,
                category,
                claimed,
                region,
                place,
                reporter,
                occurred_at,
                attachments,
                duplicate_of: None,
            })
        }
        _ => Err(form.wrong),
    }
}

/// The fields of a report, and what was found wrong with them.
struct Form<'a> {
    map: &'a Map<String, Value>,
    wrong: Vec<Refusal>,
}

impl<'a> Form<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn refuse(&mut self, pointer: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.wrong.push(Refusal::field(pointer, code, zh, en));
    }

    /// A text, trimmed; empty counts as absent.
    fn text(&mut self, name: &str, max_chars: usize) -> Option<String> {
        let value = self.get(name)?;
        self.text_of(&format!("/{name}"), value, max_chars)
    }

    fn text_of(&mut self, pointer: &str, value: &Value, max_chars: usize) -> Option<String> {
        let Value::String(text) = value else {
            self.refuse(pointer, "not_text", "此项应为文字", "This must be text");
            return None;
        };
        let text = text.trim();
        if text.chars().count() > max_chars {
            self.refuse(
                pointer,
                "too_long",
                format!("不能超过 {max_chars} 字"),
                format!("At most {max_chars} characters"),
            );
            return None;
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            self.refuse(
                pointer,
                "control_characters",
                "含有控制字符",
                "Has control characters",
            );
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn required(&mut self, name: &str, max_chars: usize) -> Option<String> {
        let before = self.wrong.len();
        let text = self.text(name, max_chars);
        if text.is_none() && self.wrong.len() == before {
            self.refuse(
                &format!("/{name}"),
                "required",
                "此项必填",
                "This field is required",
            );
        }
        text
    }

    fn number(&mut self, name: &str) -> Option<f64> {
        let value = self.get(name)?;
        let number = value.as_f64().filter(|n| n.is_finite());
        if number.is_none() {
            self.refuse(
                &format!("/{name}"),
                "not_a_number",
                "此项应为数字",
                "This must be a number",
            );
        }
        number
    }
}

fn source(form: &mut Form<'_>, known: Option<&str>) -> Option<String> {
    let named = form.text("source", MAX_SOURCE_CHARS);
    match (named, known) {
        (Some(named), Some(known)) if named != known => {
            form.refuse(
                "/source",
                "source_mismatch",
                format!("此令牌只能以“{known}”上报"),
                format!("This token reports as {known:?} only"),
            );
            None
        }
        (Some(named), _) => Some(named),
        (None, Some(known)) => Some(known.to_owned()),
        (None, None) => {
            form.refuse("/source", "required", "此项必填", "This field is required");
            None
        }
    }
}

fn category(form: &mut Form<'_>, county: &County) -> Option<CategoryCode> {
    let text = form.text("category", MAX_TITLE_CHARS)?;
    let found = county.catalogue.find(&text).map(|category| category.code);
    if found.is_none() {
        form.refuse(
            "/category",
            "unknown_category",
            format!("事项目录中没有“{text}”"),
            format!("The catalogue has no {text:?}"),
        );
    }
    found
}

fn level(form: &mut Form<'_>) -> Option<Severity> {
    let value = form.get("level")?;
    let level = parse_level(value);
    if level.is_none() {
        form.refuse(
            "/level",
            "unknown_level",
            "等级应为 Ⅰ 至 Ⅳ",
            "A level is Ⅰ to Ⅳ, or 1 to 4",
        );
    }
    level
}

fn place(form: &mut Form<'_>, desk: Desk<'_>) -> (Place, Option<Code>) {
    let address = form.text("address", MAX_ADDRESS_CHARS);
    let wrong_before = form.wrong.len();
    let crs = crs(form);
    let position = position(form);
    let named = named_region(form, desk.county);
    let mut place = Place {
        address,
        ..Place::default()
    };
    if form.wrong.len() > wrong_before {
        return (place, None);
    }
    let Some(given) = position else {
        return (place, without_position(form, named, desk.county));
    };
    let crs = crs.unwrap_or(Crs::Wgs84);
    let point = to_wgs84(given, crs);
    if crs != Crs::Wgs84 {
        place.original = Some(Original {
            crs,
            lon: given.lon,
            lat: given.lat,
        });
    }
    place.lon = Some(round(point.lon));
    place.lat = Some(round(point.lat));
    let found = (desk.locate)(point);
    if found.is_none() {
        form.refuse(
            "/lon",
            "outside_county",
            format!("位置不在{}境内，请核对坐标和坐标系", desk.county.name),
            format!(
                "The place is not in {}; check it and its crs",
                desk.county.name
            ),
        );
    }
    (place, found)
}

/// 1e-7 degrees is a centimetre: more digits are noise that every frame would carry.
fn round(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}

fn crs(form: &mut Form<'_>) -> Option<Crs> {
    let value = form.get("crs")?;
    let crs = serde_json::from_value(value.clone()).ok();
    if crs.is_none() {
        form.refuse(
            "/crs",
            "unknown_crs",
            "坐标系应为 wgs84、gcj02 或 bd09",
            "crs is wgs84, gcj02 or bd09",
        );
    }
    crs
}

fn position(form: &mut Form<'_>) -> Option<Point> {
    let (has_lon, has_lat) = (form.get("lon").is_some(), form.get("lat").is_some());
    let (lon, lat) = (form.number("lon"), form.number("lat"));
    if has_lon != has_lat {
        let missing = if has_lon { "/lat" } else { "/lon" };
        form.refuse(
            missing,
            "required",
            "经度和纬度须同时填写",
            "lon and lat go together",
        );
    }
    let (lon, lat) = (lon?, lat?);
    for (pointer, value, max) in [("/lon", lon, 180.0), ("/lat", lat, 90.0)] {
        if value.abs() > max {
            form.refuse(
                pointer,
                "out_of_range",
                "超出取值范围",
                format!("Must lie within ±{max}"),
            );
        }
    }
    Some(Point { lon, lat })
}

fn named_region(form: &mut Form<'_>, county: &County) -> Option<Code> {
    let text = form.text("region", 18)?;
    let code = text
        .parse::<Code>()
        .ok()
        .filter(|code| county.tree.get(*code).is_some());
    if code.is_none() {
        form.refuse(
            "/region",
            "unknown_region",
            format!("没有区划 {text}"),
            format!("There is no region {text}"),
        );
    }
    code
}

fn without_position(form: &mut Form<'_>, named: Option<Code>, county: &County) -> Option<Code> {
    if named.is_some() {
        return named;
    }
    if form.get("address").is_some() {
        return Some(county.code);
    }
    form.refuse(
        "/lon",
        "place_required",
        "请提供坐标、区划或地址之一",
        "Give a position, a region or an address",
    );
    None
}

fn reporter(form: &mut Form<'_>) -> Option<Reporter> {
    let value = form.get("reporter")?;
    let Value::Object(map) = value else {
        form.refuse(
            "/reporter",
            "not_an_object",
            "此项应为对象",
            "This must be an object",
        );
        return None;
    };
    let mut part = |name: &str| {
        let value = map.get(name).filter(|value| !value.is_null())?;
        form.text_of(&format!("/reporter/{name}"), value, MAX_REPORTER_CHARS)
    };
    let reporter = Reporter {
        name: part("name"),
        phone: part("phone"),
    };
    (reporter != Reporter::default()).then_some(reporter)
}

fn occurred_at(form: &mut Form<'_>, now: Timestamp) -> Option<Timestamp> {
    let text = form.text("occurred_at", 40)?;
    let Ok(at) = text.parse::<Timestamp>() else {
        form.refuse(
            "/occurred_at",
            "not_a_time",
            "时间应为带时区的 RFC 3339 格式，如 2026-11-22T14:30:00+08:00",
            "A time is RFC 3339 with an offset, as 2026-11-22T14:30:00+08:00",
        );
        return None;
    };
    if at > now + MAX_AHEAD {
        form.refuse(
            "/occurred_at",
            "in_the_future",
            "发生时间晚于当前时间",
            "That is in the future",
        );
    } else if now.since(at) > MAX_AGO {
        form.refuse(
            "/occurred_at",
            "too_old",
            "发生时间早于一年前",
            "That is over a year ago",
        );
    }
    Some(at)
}

fn attachments(form: &mut Form<'_>) -> Vec<String> {
    let Some(value) = form.get("attachments") else {
        return Vec::new();
    };
    let Value::Array(items) = value else {
        form.refuse(
            "/attachments",
            "not_a_list",
            "此项应为列表",
            "This must be a list",
        );
        return Vec::new();
    };
    if items.len() > MAX_ATTACHMENTS {
        form.refuse(
            "/attachments",
            "too_many",
            format!("最多 {MAX_ATTACHMENTS} 个附件"),
            format!("At most {MAX_ATTACHMENTS} attachments"),
        );
        return Vec::new();
    }
    items
        .iter()
        .enumerate()
        .filter_map(|(i, item)| attachment(form, &format!("/attachments/{i}"), item))
        .collect()
}

fn attachment(form: &mut Form<'_>, pointer: &str, item: &Value) -> Option<String> {
    let id = form.text_of(pointer, item, ATTACHMENT_ID_DIGITS)?;
    if is_attachment_id(&id) {
        return Some(id);
    }
    form.wrong.push(not_an_attachment(pointer));
    None
}

/// The refusal of what is not the id of an attachment.
pub fn not_an_attachment(pointer: &str) -> Refusal {
    Refusal::field(
        pointer,
        "not_an_attachment",
        "附件应为 POST /api/v1/attachments 返回的 id（64 位十六进制）",
        "An attachment is an id that POST /api/v1/attachments answered, of 64 hexadecimal digits",
    )
}

/// Whether `text` is the id of an attachment: the SHA-256 of its content, as 64 lower-case
/// hexadecimal digits.
pub fn is_attachment_id(text: &str) -> bool {
    text.len() == ATTACHMENT_ID_DIGITS
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
