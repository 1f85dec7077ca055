//! What a list is asked for: every parameter read, bounded and checked. What is not understood is
//! refused by its name; nothing is passed over, for a list that is longer than asked misleads.

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::http::Uri;
use domain::ids::IncidentId;
use domain::pack::County;
use domain::refusal::Refusal;
use domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::history::{Area, Key, Needles, Order, Person, Status, Wanted};
use crate::problem::Problem;

/// Longest text of one parameter, in characters.
const MAX_TEXT: usize = 200;

/// What a list is asked for.
#[derive(Clone, Debug, Default)]
pub(in crate::http) struct Filter {
    /// A region to look at alone.
    pub region: Option<String>,
    /// What is looked for.
    pub wanted: Wanted,
    /// In which order.
    pub order: Order,
    /// Where the page before ended.
    pub after: Option<Key>,
    /// How many at most.
    pub limit: Option<usize>,
}

impl Filter {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// 400 with the name of the first parameter that is not understood.
    pub fn read(uri: &Uri, county: &County) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
        let Query(pairs) = pairs.map_err(|_| {
            wrong(
                "query",
                "网址参数的编码有误",
                "The query is not properly percent-encoded",
            )
        })?;
        let mut given = BTreeMap::new();
        for (name, text) in pairs {
            if text.chars().count() > MAX_TEXT {
                let zh = format!("不能超过 {MAX_TEXT} 个字");
                let en = format!("At most {MAX_TEXT} characters");
                return Err(wrong(&name, &zh, &en));
            }
            if given.insert(name.clone(), text).is_some() {
                return Err(wrong(&name, "只能给出一次", "Give it once only"));
            }
        }
        given.retain(|_, text| !text.trim().is_empty());
        Given(given).filter(county)
    }
}

/// The parameters that are not read yet.
struct Given(BTreeMap<String, String>);

impl Given {
    fn filter(mut self, county: &County) -> Result<Filter, Problem> {
        let filter = Filter {
            region: self.0.remove("region"),
            wanted: self.wanted(county)?,
            order: self
                .one("sort", "received_at, -received_at", order)?
                .unwrap_or_default(),
            after: self.one("cursor", "上一页的 next / the next of a page", parse_cursor)?,
            limit: self.one("limit", "1, 2, 3 …", |text| {
                text.parse().ok().filter(|limit| *limit > 0)
            })?,
        };
        match self.0.keys().next() {
            None => Ok(filter),
            Some(name) => Err(wrong(
                name,
                "没有这个筛选条件，请对照接口说明检查拼写",
                "There is no such filter; check its spelling against the interface's description",
            )),
        }
    }

    fn wanted(&mut self, county: &County) -> Result<Wanted, Problem> {
        Ok(Wanted {
            status: self.one("status", "open, closed, ended / 一个状态 a state", status)?,
            lamp: self.one("lamp", "off, green, amber, red, deep_red", named)?,
            category: self.one("category", "0703, 07", |text| category(text, county))?,
            level: self.one("level", "Ⅰ–Ⅳ, 1–4", |text| {
                domain::wire::report::parse_level(&Value::String(text.to_owned()))
            })?,
            source: self.0.remove("source"),
            holder: self.one("holder", "单位编号 / an organisation's id", |text| {
                let org = county.orgs.iter().find(|org| org.id.as_str() == text)?;
                Some(org.id.to_string())
            })?,
            words: self.one("q", "1–16 个词 / 1 to 16 words", Needles::read)?,
            number: self.one("number", "20261122-0481, 20261122", number)?,
            person: self.one(
                "person",
                "姓名至少 2 个字或电话至少 7 位 / 2 characters of a name, 7 digits of a phone",
                Person::read,
            )?,
            area: self.one("bbox", "lon,lat,lon,lat", area)?,
            from: self.one("from", "2026-11-22T00:00:00+08:00", time)?,
            to: self.one("to", "2026-11-22T00:00:00+08:00", time)?,
            late: self.one("late", "true, false", |text| text.parse().ok())?,
        })
    }

    fn one<T>(
        &mut self,
        name: &str,
        like: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.0.remove(name) else {
            return Ok(None);
        };
        read(text.trim()).map(Some).ok_or_else(|| {
            let zh = format!("{name} 的取值无法识别，应为：{like}");
            let en = format!("{name} is not understood; it is one of or like: {like}");
            wrong(name, &zh, &en)
        })
    }
}

fn wrong(name: &str, zh: &str, en: &str) -> Problem {
    Refusal::field(name, "unknown_filter", zh, en).into()
}

fn named<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::String(text.to_owned())).ok()
}

fn order(text: &str) -> Option<Order> {
    match text {
        "-received_at" => Some(Order::Newest),
        "received_at" => Some(Order::Oldest),
        _ => None,
    }
}

/// `closed` has always meant all that is open no longer.
fn status(text: &str) -> Option<Status> {
    match text {
        "open" => Some(Status::Open),
        "closed" | "ended" => Some(Status::Ended),
        state => named(state).map(Status::Is),
    }
}

fn category(text: &str, county: &County) -> Option<String> {
    let mut codes = county.catalogue.items.iter().map(|item| item.code);
    let is_known = codes.any(|code| code.to_string() == text || code.major().to_string() == text);
    is_known.then(|| text.to_owned())
}

fn number(text: &str) -> Option<String> {
    let (day, number) = match text.split_once('-') {
        Some((day, number)) => (day, Some(number)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_number = number.is_none_or(|number| digits(number) && (4..=9).contains(&number.len()));
    (day.len() == 8 && digits(day) && is_number).then(|| text.to_owned())
}

fn area(text: &str) -> Option<Area> {
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    let &[west, south, east, north] = numbers?.as_slice() else {
        return None;
    };
    let is_place = |lon: f64, lat: f64| lon.abs() <= 180.0 && lat.abs() <= 90.0;
    let fits = is_place(west, south) && is_place(east, north) && west <= east && south <= north;
    fits.then_some(Area {
        min: (west, south),
        max: (east, north),
    })
}

fn time(text: &str) -> Option<Timestamp> {
    // A plus sign of an offset that was not encoded arrives as a space.
    text.replace(' ', "+").parse().ok()
}

/// A place in the list: when the last one shown came in, and its id.
pub(in crate::http) fn parse_cursor(text: &str) -> Option<Key> {
    let (millis, id) = text.split_once('_')?;
    let id: IncidentId = id.parse().ok()?;
    Some((Timestamp::from_millis(millis.parse().ok()?), id))
}

/// A place in the list as a page tells it.
pub(super) fn cursor((at, id): Key) -> String {
    format!("{}_{id}", at.millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::tests::COUNTY;

    fn read(query: &str) -> Result<Filter, Problem> {
        let uri = format!("/incidents?{query}").parse().expect("uri");
        Filter::read(&uri, &COUNTY)
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for query in [
            "status=late",
            "lamp=blue",
            "category=99",
            "category=0",
            "level=5",
            "holder=nobody",
            "q=%2C",
            "number=1",
            "number=20261122-",
            "person=%E5%BC%A0",
            "person=123456",
            "bbox=1,2,3",
            "bbox=3,2,1,4",
            "bbox=1,2,NaN,4",
            "from=today",
            "to=1",
            "late=yes",
            "sort=title",
            "cursor=x",
            "limit=0",
            "limit=-1",
            "colour=red",
        ] {
            let name = query.split('=').next();
            let problem = read(query).expect_err(query);
            assert_eq!(problem.status, 400, "{query}");
            assert_eq!(problem.refusals[0].pointer.as_deref(), name, "{query}");
        }
        assert!(read("q=a&q=b").is_err());
        assert!(read(&format!("q={}", "a".repeat(201))).is_err());
    }

    #[test]
    fn what_is_understood() {
        for query in [
            "",
            "q=&status=",
            "status=open",
            "status=in_progress",
            "lamp=deep_red",
            "category=07",
            "category=0703",
            "level=%E2%85%A1",
            "q=%E7%81%AF",
            "number=20261122-0481",
            "number=20261122",
            "person=13800001234",
            "person=%E5%BC%A0%E4%B8%89",
            "bbox=118,28,119,29",
            "from=2026-11-22T00:00:00+08:00",
            "late=true",
            "sort=received_at",
            "limit=20",
        ] {
            assert!(read(query).is_ok(), "{query}");
        }
    }
}
