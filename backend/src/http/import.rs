//! `POST /people/import`: people from a CSV, all or nothing; a dry run says what is wrong with
//! every line. Several lines of one id are several posts of one person.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::account::command::{AccountCommand, NewPerson};
use domain::account::{Invite, Post};
use domain::actor::Role;
use domain::refusal::{Class, Refusal};
use domain::wire::account::{ImportLine, ImportResult};
use geodata::region::Code;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::audit;
use super::body::answer;
use super::caller::Caller;
use super::people::{invited, perform, require_administrator};
use super::state::Server;
use crate::audit::Detail;
use crate::problem::{Language, Problem};

/// Largest file, in bytes.
pub(super) const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Most lines of people in it.
const MAX_LINES: usize = 5_000;
/// The columns a file must have; others are passed over.
const COLUMNS: [&str; 7] = ["id", "name", "phone", "role", "org", "region", "director"];

#[derive(Deserialize)]
pub(super) struct Mode {
    #[serde(default)]
    dry_run: bool,
}

/// One line, as far as it could be read.
pub(super) struct Line {
    number: u64,
    id: String,
    name: String,
    phone: Option<String>,
    post: Option<Post>,
    faults: Vec<Refusal>,
}

pub(super) async fn post(
    State(server): State<Server>,
    caller: Caller,
    Query(mode): Query<Mode>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    require_administrator(&caller)?;
    let body = body.map_err(|_| caller.problem(too_large()))?;
    let mut lines = lines_of(&body).map_err(|refusal| caller.problem(refusal))?;
    let people = people_of(&mut lines);
    let mut invites = Vec::new();
    let mut commands = Vec::new();
    for person in people {
        let (invite, secret) = super::people::new_invite(&server, &caller)?;
        invites.push((person.id.clone(), secret, invite.clone()));
        commands.push(AccountCommand::AddPerson { person, invite });
    }
    judge(&server, &caller, &mut lines, &commands);
    let bad = lines.iter().filter(|line| !line.faults.is_empty()).count();
    let writes = bad == 0 && !mode.dry_run;
    if writes {
        perform(&server, &caller, &commands).await?;
    } else {
        invites.clear();
    }
    let mut result = ImportResult {
        dry_run: mode.dry_run,
        good: lines.len() - bad,
        bad,
        lines: lines
            .iter()
            .map(|line| told(line, caller.language))
            .collect(),
    };
    hand_out(&server, &mut result, &invites);
    let status = if bad > 0 && !mode.dry_run {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let detail = Detail {
        purpose: mode.dry_run.then(|| "dry run".to_owned()),
        after: Some(taken_in(&invites, &result)),
        ..Detail::default()
    };
    Ok(audit::told(answer(status, &result, None), detail))
}

/// Who was taken in, for the record.
fn taken_in(invites: &[(String, String, Invite)], result: &ImportResult) -> Value {
    let people: Vec<&str> = invites.iter().map(|(id, _, _)| id.as_str()).collect();
    json!({"people": people, "good": result.good, "bad": result.bad})
}

/// Reads the file into lines, each with what can't be read in it.
pub(super) fn lines_of(body: &[u8]) -> Result<Vec<Line>, Refusal> {
    // Spreadsheets put a mark of UTF-8 before the first column's name.
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(body);
    let head = reader.headers().map_err(|error| not_csv(&error))?.clone();
    let place = |name: &str| {
        head.iter()
            .position(|column| column.eq_ignore_ascii_case(name))
    };
    let missing: Vec<&str> = COLUMNS
        .into_iter()
        .filter(|name| !matches!(*name, "phone" | "director") && place(name).is_none())
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Err(refused(
            "missing_columns",
            format!("首行缺少列：{missing}。须有 id,name,phone,role,org,region,director"),
            format!(
                "The first line lacks {missing}; it names id,name,phone,role,org,region,director"
            ),
        ));
    }
    let places = COLUMNS.map(place);
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| not_csv(&error))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if lines.len() >= MAX_LINES {
            return Err(refused(
                "too_many_lines",
                format!("一次最多导入 {MAX_LINES} 行，请分批导入"),
                format!("At most {MAX_LINES} lines at once; import in parts"),
            ));
        }
        let number = number_of(&record, body);
        lines.push(line_of(&record, number, places));
    }
    Ok(lines)
}

/// The line a record stands on: its position is that of the empty lines before it.
fn number_of(record: &csv::StringRecord, body: &[u8]) -> u64 {
    let Some(position) = record.position() else {
        return 0;
    };
    let rest = body.get(position.byte() as usize..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

fn line_of(record: &csv::StringRecord, number: u64, places: [Option<usize>; 7]) -> Line {
    let cells = places.map(|at| at.and_then(|at| record.get(at)).unwrap_or_default());
    let [id, name, phone, role, org, region, director] = cells;
    let mut faults = Vec::new();
    let mut read = |fault: Option<Refusal>| faults.extend(fault);
    let role_read: Option<Role> =
        serde_json::from_value(serde_json::Value::String(role.to_lowercase())).ok();
    read(role_read.is_none().then(|| unknown_role(role)));
    let region_read: Option<Code> = region.parse().ok();
    read(region_read.is_none().then(|| {
        field(
            "/region",
            "unknown_region",
            format!("区划代码 {region:?} 无效"),
            format!("{region:?} is no region's code"),
        )
    }));
    let org_read = if org.is_empty() {
        Ok(None)
    } else {
        org.parse().map(Some)
    };
    read(org_read.is_err().then(|| {
        field(
            "/org",
            "unknown_org",
            format!("没有单位 {org:?}"),
            format!("There is no organisation {org:?}"),
        )
    }));
    let director_read = yes_or_no(director);
    read(director_read.is_none().then(|| {
        field(
            "/director",
            "not_yes_or_no",
            "director 列请填 是 或 否",
            "director is yes or no",
        )
    }));
    let post = match (role_read, region_read, org_read, director_read) {
        (Some(role), Some(region), Ok(org), Some(director)) => Some(Post {
            id: String::new(),
            role,
            org,
            region,
            director,
        }),
        _ => None,
    };
    Line {
        number,
        id: id.to_owned(),
        name: name.to_owned(),
        phone: (!phone.is_empty()).then(|| phone.to_owned()),
        post,
        faults,
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "" | "0" | "no" | "false" | "n" | "否" => Some(false),
        "1" | "yes" | "true" | "y" | "是" => Some(true),
        _ => None,
    }
}

/// The people the lines speak of. What differs between lines of one person is a fault.
pub(super) fn people_of(lines: &mut [Line]) -> Vec<NewPerson> {
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut people: Vec<NewPerson> = Vec::new();
    for line in lines {
        let at = *places.entry(line.id.clone()).or_insert_with(|| {
            people.push(NewPerson {
                id: line.id.clone(),
                name: line.name.clone(),
                phone: line.phone.clone(),
                posts: Vec::new(),
            });
            people.len() - 1
        });
        let person = &mut people[at];
        if person.name != line.name || (line.phone.is_some() && person.phone != line.phone) {
            line.faults.push(field(
                "/name",
                "differs",
                "与同一账号的前一行姓名或电话不一致",
                "The name or phone differs from an earlier line of this account",
            ));
        }
        if let Some(post) = &line.post {
            let id = format!("p{}", person.posts.len() + 1);
            person.posts.push(Post { id, ..post.clone() });
        }
    }
    people
}

/// Asks the rules about every person and puts what they say on the line it concerns. Each is asked
/// about alone, so that one person's fault does not hide another's.
fn judge(server: &Server, caller: &Caller, lines: &mut [Line], commands: &[AccountCommand]) {
    let book = server.accounts.book();
    let rules = server.accounts.rules();
    let mut by_id: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (at, line) in lines.iter().enumerate() {
        by_id.entry(line.id.clone()).or_default().push(at);
    }
    for command in commands {
        let AccountCommand::AddPerson { person, .. } = command else {
            continue;
        };
        let of_theirs = by_id.get(&person.id).cloned().unwrap_or_default();
        let readable: Vec<usize> = of_theirs
            .iter()
            .copied()
            .filter(|at| lines[*at].post.is_some())
            .collect();
        if readable.is_empty() {
            continue;
        }
        let decided = book.decide(rules, &caller.actor, std::slice::from_ref(command));
        if let Err((_, refusal)) = decided {
            let at = line_at_fault(&refusal, &readable).or_else(|| of_theirs.first().copied());
            if let Some(at) = at {
                lines[at].faults.push(refusal);
            }
        }
    }
}

/// `/posts/N/…` speaks of the person's N-th readable line.
fn line_at_fault(refusal: &Refusal, readable: &[usize]) -> Option<usize> {
    let rest = refusal.pointer.as_deref()?.strip_prefix("/posts/")?;
    let at: usize = rest.split('/').next()?.parse().ok()?;
    readable.get(at).copied()
}

fn told(line: &Line, language: Language) -> ImportLine {
    let sentence = |refusal: &Refusal| match language {
        Language::Zh => refusal.zh.clone(),
        Language::En => refusal.en.clone(),
    };
    ImportLine {
        line: line.number,
        id: line.id.clone(),
        name: line.name.clone(),
        faults: line.faults.iter().map(sentence).collect(),
        invite: None,
    }
}

/// Puts each person's link on their first line.
fn hand_out(server: &Server, result: &mut ImportResult, invites: &[(String, String, Invite)]) {
    for (id, secret, invite) in invites {
        if let Some(line) = result.lines.iter_mut().find(|line| line.id == *id) {
            line.invite = Some(invited(server, id, secret, invite.until));
        }
    }
}

fn field(pointer: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Refusal {
    Refusal::field(pointer, code, zh, en)
}

fn refused(code: &str, zh: String, en: String) -> Refusal {
    Refusal::new(Class::Refused, code, zh, en)
}

fn unknown_role(role: &str) -> Refusal {
    field(
        "/role",
        "unknown_role",
        format!(
            "没有角色 {role:?}，可用 centre、command_room、platform、unit、village、grid、leader、auditor、administrator"
        ),
        format!(
            "{role:?} is no role; use centre, command_room, platform, unit, village, grid, leader, auditor or administrator"
        ),
    )
}

fn not_csv(error: &csv::Error) -> Refusal {
    refused(
        "not_csv",
        format!("文件不是 UTF-8 编码的 CSV：{error}"),
        format!("The file is not CSV in UTF-8: {error}"),
    )
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "文件超过 2 MB，请分批导入",
        "The file is over 2 MB; import in parts",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id,name,phone,role,org,region,director\n";

    fn faults(text: &str) -> Vec<(u64, Vec<String>)> {
        let mut lines = lines_of(format!("{HEAD}{text}").as_bytes()).expect("lines");
        let _people = people_of(&mut lines);
        let code = |refusal: &Refusal| refusal.code.clone();
        let of = |line: &Line| (line.number, line.faults.iter().map(code).collect());
        lines.iter().map(of).collect()
    }

    #[test]
    fn every_fault_of_every_line_is_found() {
        let found = faults(
            "zhang,张,,command_room,330899101-T,330899101,是\n\
             \n\
             li,李,,king,a b,33089,maybe\n\
             zhang,章,,grid,,330899101001001,\n",
        );
        assert_eq!(found[0], (2, vec![]));
        assert_eq!(found[1].0, 4);
        assert_eq!(
            found[1].1,
            [
                "unknown_role",
                "unknown_region",
                "unknown_org",
                "not_yes_or_no"
            ]
        );
        assert_eq!(found[2], (5, vec!["differs".to_owned()]));
    }

    #[test]
    fn lines_of_one_id_are_posts_of_one_person() {
        let text = format!(
            "\u{feff}{HEAD}zhang,张,13800001234,command_room,330899101-T,330899101,1\nzhang,张,,grid,,330899101001001,0\n"
        );
        let mut lines = lines_of(text.as_bytes()).expect("lines");
        let people = people_of(&mut lines);
        assert_eq!(people.len(), 1);
        let ids: Vec<_> = people[0]
            .posts
            .iter()
            .map(|post| post.id.as_str())
            .collect();
        assert_eq!(ids, ["p1", "p2"]);
        assert!(lines.iter().all(|line| line.faults.is_empty()));
    }

    #[test]
    fn a_file_that_is_no_list_of_people_says_why() {
        let code = |text: &str| lines_of(text.as_bytes()).err().map(|refusal| refusal.code);
        assert_eq!(code("a,b\n1,2\n").as_deref(), Some("missing_columns"));
        assert_eq!(code("").as_deref(), Some("missing_columns"));
        let long = format!("{HEAD}{}", "x,y,,grid,,330899,\n".repeat(MAX_LINES + 1));
        assert_eq!(code(&long).as_deref(), Some("too_many_lines"));
        let bytes = [HEAD.as_bytes(), b"\xff\xfe,x,,grid,,1,\n"].concat();
        assert_eq!(
            lines_of(&bytes)
                .err()
                .map(|refusal| refusal.code)
                .as_deref(),
            Some("not_csv")
        );
    }
}
