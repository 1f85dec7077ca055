//! Who is there before anybody was taken in: the first administrator with a one-time link, and in
//! a demo a few people and walls whose doors sign in at once. Also what `gridlamp link` lets in.

use domain::account::command::{AccountCommand, NewPerson};
use domain::account::{Directory, Invite, Post};
use domain::actor::{Actor, Role};
use domain::pack::County;
use domain::pack::orgs::{Org, OrgKind};
use domain::time::{Span, Timestamp};
use geodata::region::{Code, Level};

use super::sign_in::new_invite;
use super::signed::{self, Link, Purpose};
use super::{Book, Failure, Rules};
use crate::log::{EventLog, Log};

/// What the first administrator signs in with.
pub const ADMINISTRATOR: &str = "admin";
/// The post people get here: they have one each.
const POST: &str = "main";
/// How often it is tried when several nodes start together.
const TRIES: usize = 3;
/// How long a demo's doors stay open.
const DOOR_HOLDS: Span = Span::days(30);

/// The screen of whoever goes to a scene.
const FIELD: &str = "/field";

/// A door of a demo: what it opens, in Chinese; its screen; the path of its link.
#[derive(Clone, Debug)]
pub struct DemoDoor {
    /// What it opens.
    pub title: String,
    /// The path of the screen.
    pub screen: &'static str,
    /// The path of the link.
    pub path: String,
}

/// Makes sure that somebody can take people in. Answers the secret of a new one-time link as long
/// as no administrator has chosen a password, for `holds`.
///
/// # Errors
/// The log failed.
pub async fn administrator(
    log: &EventLog,
    rules: &Rules,
    holds: Span,
) -> Result<Option<(String, String)>, Failure> {
    let mut last = Failure::Busy;
    for _ in 0..TRIES {
        let mut book = Book::open(log).await?;
        if somebody_administers(&book.directory) {
            return Ok(None);
        }
        let (invite, secret) = new_invite(holds, rules.clock.now())?;
        let (id, command) = first_command(&book.directory, rules, invite);
        match book.perform(log, rules, &gridlamp(rules), &[command]).await {
            Ok(()) => return Ok(Some((id, secret))),
            // Another node starts as well and was faster.
            Err(Failure::Refused(refusal)) => last = Failure::Refused(refusal),
            Err(failure) => return Err(failure),
        }
    }
    Err(last)
}

/// A new link for the administrator who waits for one, else the first administrator.
fn first_command(directory: &Directory, rules: &Rules, invite: Invite) -> (String, AccountCommand) {
    let waiting = administrators(directory)
        .find(|person| !person.disabled)
        .map(|person| person.id.clone());
    if let Some(id) = waiting {
        return (id.clone(), AccountCommand::Invite { id, invite });
    }
    let person = NewPerson {
        id: free_id(directory),
        name: "系统管理员".to_owned(),
        phone: None,
        posts: vec![post(&rules.county, Role::Administrator, rules.county.code)],
    };
    (
        person.id.clone(),
        AccountCommand::AddPerson { person, invite },
    )
}

fn administrators(directory: &Directory) -> impl Iterator<Item = &domain::account::Person> {
    let administers = |post: &Post| post.role == Role::Administrator;
    directory
        .people()
        .filter(move |person| person.posts.iter().any(administers))
}

fn somebody_administers(directory: &Directory) -> bool {
    administrators(directory).any(|person| {
        !person.disabled && (person.password.is_some() || !person.subjects.is_empty())
    })
}

/// `admin`, unless somebody else is called so.
fn free_id(directory: &Directory) -> String {
    let names = std::iter::once(ADMINISTRATOR.to_owned());
    let more = (2..).map(|n| format!("{ADMINISTRATOR}{n}"));
    names
        .chain(more)
        .find(|id| directory.person(id).is_none())
        .unwrap_or_default()
}

/// Makes sure that a demo's people and walls are there; answers a door for each.
///
/// # Errors
/// The log failed.
pub async fn demo(log: &EventLog, rules: &Rules) -> Result<Vec<DemoDoor>, Failure> {
    let county = rules.county.clone();
    let now = rules.clock.now();
    let township = county
        .tree
        .children(county.code)
        .find(|region| region.code.to_string().ends_with("101"))
        .map(|region| (region.code, region.name.clone()));
    let mut doors = vec![(
        format!("{}大屏", county.name),
        "/wall",
        wall(
            log,
            rules,
            "demo-wall",
            &format!("{}大屏", county.name),
            county.code,
        )
        .await?,
    )];
    if let Some((code, name)) = &township {
        let title = format!("{name}大屏");
        let link = wall(log, rules, "demo-township-wall", &title, *code).await?;
        doors.push((title, "/wall", link));
    }
    let mut people = vec![(
        "commander",
        format!("{}指挥长", county.name),
        Role::Centre,
        county.code,
    )];
    if let Some((code, name)) = township {
        people.push((
            "director",
            format!("{name}指挥室主任"),
            Role::CommandRoom,
            code,
        ));
    }
    for (id, name, role, region) in people {
        let mut post = post(&county, role, region);
        post.director = true;
        let screen = if id == "commander" { FIELD } else { "/desk" };
        doors.push((
            name.clone(),
            screen,
            person(log, rules, id, &name, post).await?,
        ));
    }
    let admin = post(&county, Role::Administrator, county.code);
    let link = person(log, rules, ADMINISTRATOR, "系统管理员", admin).await?;
    doors.push(("系统管理".to_owned(), "/admin", link));
    doors.extend(grid_worker(log, rules).await?);
    doors.extend(unit(log, rules).await?);
    let open = |(title, screen, link): (String, &'static str, Link)| {
        let path = path(log, &link, DOOR_HOLDS, now);
        // The tablet is no role's own screen: the link says that it leads there.
        let onward = if screen == FIELD { "?next=/field" } else { "" };
        DemoDoor {
            title,
            screen,
            path: path + onward,
        }
    };
    let doors = doors.into_iter().map(open);
    Ok(doors.chain([citizen()]).collect())
}

/// The door that signs nobody in: anybody may report.
fn citizen() -> DemoDoor {
    DemoDoor {
        title: "随手报（群众）".to_owned(),
        screen: "/report",
        path: "/report".to_owned(),
    }
}

/// Somebody of the first grid, with a telephone.
async fn grid_worker(
    log: &EventLog,
    rules: &Rules,
) -> Result<Option<(String, &'static str, Link)>, Failure> {
    let county = rules.county.clone();
    let Some(grid) = county.tree.iter().find(|r| r.level == Level::Grid) else {
        return Ok(None);
    };
    let name = format!("{}网格员", grid.name);
    let own = post(&county, Role::Grid, grid.code);
    let link = person(log, rules, "grid-worker", &name, own).await?;
    Ok(Some((name, "/report", link)))
}

/// Somebody of the first unit that has a team to send, with a tablet.
async fn unit(
    log: &EventLog,
    rules: &Rules,
) -> Result<Option<(String, &'static str, Link)>, Failure> {
    let county = rules.county.clone();
    let mut units = county.units.iter();
    let org = units.find_map(|unit| {
        let org = county.orgs.get(&unit.org)?;
        (org.kind == OrgKind::Unit).then_some(org)
    });
    let Some(org) = org else {
        return Ok(None);
    };
    let title = format!("{}现场平板", org.name);
    let own = Post {
        org: Some(org.id.clone()),
        ..post(&county, Role::Unit, org.region)
    };
    let link = person(log, rules, "unit-duty", &format!("{}值班员", org.name), own).await?;
    Ok(Some((title, FIELD, link)))
}

/// The path of a link that signs in, good for `span`.
pub fn path(log: &EventLog, link: &Link, span: Span, now: Timestamp) -> String {
    let slip = signed::seal(&log.secret(), Purpose::Link, link, span, now);
    format!("/enter/{slip}")
}

/// A wall of this id, let in if it is not there yet.
///
/// # Errors
/// The log failed.
pub async fn wall(
    log: &EventLog,
    rules: &Rules,
    id: &str,
    name: &str,
    scope: Code,
) -> Result<Link, Failure> {
    let mut book = Book::open(log).await?;
    if book.directory.screen(id).is_none() {
        let pair = AccountCommand::PairScreen {
            id: id.to_owned(),
            // No code that a screen can show: it is claimed by its link alone.
            code: link_code(id),
            name: name.to_owned(),
            scope,
        };
        book.perform(log, rules, &gridlamp(rules), &[pair]).await?;
    }
    Ok(Link::Screen(id.to_owned()))
}

/// The code of a wall that is let in by a link.
pub fn link_code(id: &str) -> String {
    format!("link:{id}")
}

/// A person of this id, taken in if they are not there yet.
///
/// # Errors
/// The rules forbid the post, or the log failed.
pub async fn person(
    log: &EventLog,
    rules: &Rules,
    id: &str,
    name: &str,
    post: Post,
) -> Result<Link, Failure> {
    let mut book = Book::open(log).await?;
    if book.directory.person(id).is_none() {
        // Nobody is told this link's secret.
        let (invite, _) = new_invite(Span::secs(1), rules.clock.now())?;
        let person = NewPerson {
            id: id.to_owned(),
            name: name.to_owned(),
            phone: None,
            posts: vec![post],
        };
        let add = AccountCommand::AddPerson { person, invite };
        book.perform(log, rules, &gridlamp(rules), &[add]).await?;
    }
    Ok(Link::Person(id.to_owned()))
}

/// A post of a role in a region, in the organisation that has it there.
pub fn post(county: &County, role: Role, region: Code) -> Post {
    let kind = match role {
        Role::Centre => Some(OrgKind::Centre),
        Role::CommandRoom => Some(OrgKind::CommandRoom),
        Role::Platform => Some(OrgKind::Platform),
        Role::Unit => Some(OrgKind::Unit),
        Role::Village => Some(OrgKind::Village),
        Role::Grid => Some(OrgKind::GridTeam),
        Role::Leader => Some(OrgKind::Leaders),
        _ => None,
    };
    let org = kind.and_then(|kind| county.orgs.nearest(kind, region));
    Post {
        id: POST.to_owned(),
        role,
        org: org.map(|org: &Org| org.id.clone()),
        region,
        director: false,
    }
}

fn gridlamp(rules: &Rules) -> Actor {
    Actor::rule("accounts", rules.county.code)
}
