//! `gridlamp user add` and `gridlamp user passwd`, beside a running node or before one runs.

use std::io::Read as _;

use anyhow::Context as _;
use domain::account::command::{AccountCommand, NewPerson};
use domain::actor::{Actor, Role};
use domain::pack::orgs::OrgId;
use domain::time::Span;
use geodata::region::Code;

use super::token::{open, record, role, scope};
use crate::account::sign_in::new_invite;
use crate::account::{Book, Rules, first, password};
use crate::config::Config;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Take somebody in; prints the one-time link with which they choose a password.
    Add(Add),
    /// Print a new one-time link for somebody, or set their password from standard input.
    Passwd(Passwd),
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// What they sign in with: 2 to 32 of a-z, 0-9, '.', '_' and '-'.
    id: String,
    /// Their name.
    #[arg(long)]
    name: String,
    /// Their phone.
    #[arg(long)]
    phone: Option<String>,
    /// centre, command_room, platform, unit, village, grid, leader, auditor or administrator.
    #[arg(long, value_parser = role)]
    role: Role,
    /// Their organisation; the one that has this role in the region if left out.
    #[arg(long)]
    org: Option<OrgId>,
    /// The region; the whole county if left out.
    #[arg(long)]
    region: Option<Code>,
    /// Whether they head the organisation.
    #[arg(long)]
    director: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Passwd {
    /// Whose.
    id: String,
    /// Read the new password from standard input, up to the end of its first line.
    #[arg(long)]
    stdin: bool,
}

pub(super) async fn run(config: &Config, args: Args) -> anyhow::Result<i32> {
    let (log, rules) = open(config).await?;
    let mut book = Book::open(&log).await?;
    let (action, id) = match &args {
        Args::Add(args) => ("person.add", args.id.clone()),
        Args::Passwd(args) if args.stdin => ("person.password", args.id.clone()),
        Args::Passwd(args) => ("person.invite", args.id.clone()),
    };
    let (commands, url) = match args {
        Args::Add(args) => add(config, &rules, args)?,
        Args::Passwd(args) if args.stdin => (from_stdin(config, &rules, &book, args).await?, None),
        Args::Passwd(args) => {
            let (invite, url) = invite(config, &rules)?;
            let id = args.id;
            (vec![AccountCommand::Invite { id, invite }], Some(url))
        }
    };
    let actor = Actor::rule("cli", rules.county.code);
    book.perform(&log, &rules, &actor, &commands).await?;
    record(config, &log, &rules, action, &id).await?;
    if let Some(url) = url {
        println!("{url}");
    }
    Ok(0)
}

type Planned = (Vec<AccountCommand>, Option<String>);

fn add(config: &Config, rules: &Rules, args: Add) -> anyhow::Result<Planned> {
    let region = scope(rules, args.region)?;
    let mut post = first::post(&rules.county, args.role, region);
    post.director = args.director;
    if args.org.is_some() {
        post.org = args.org;
    }
    let (invite, url) = invite(config, rules)?;
    let person = NewPerson {
        id: args.id,
        name: args.name,
        phone: args.phone,
        posts: vec![post],
    };
    Ok((
        vec![AccountCommand::AddPerson { person, invite }],
        Some(url),
    ))
}

fn invite(config: &Config, rules: &Rules) -> anyhow::Result<(domain::account::Invite, String)> {
    let holds = Span::hours(i64::from(config.sign_in.link_hours));
    let (invite, secret) = new_invite(holds, rules.clock.now())?;
    Ok((invite, format!("{}/welcome#{secret}", config.url())))
}

async fn from_stdin(
    config: &Config,
    rules: &Rules,
    book: &Book,
    args: Passwd,
) -> anyhow::Result<Vec<AccountCommand>> {
    let person = book.directory.person(&args.id);
    let person = person.with_context(|| format!("there is no account {:?}", args.id))?;
    let mut text = String::new();
    std::io::stdin().take(4_096).read_to_string(&mut text)?;
    let chosen = text.lines().next().unwrap_or_default();
    let settings = &config.sign_in;
    let passwords = password::Passwords::new(
        settings.password_min_chars,
        settings.breached_passwords.as_deref(),
    )?;
    let own = password::own_words(person, &rules.county);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    if let Err(refusal) = passwords.judge(chosen, &own) {
        anyhow::bail!("{}", refusal.en);
    }
    let hash = passwords.hash(chosen).await?;
    Ok(vec![AccountCommand::SetPassword {
        id: args.id,
        hash,
        invite: None,
        keep: None,
    }])
}
