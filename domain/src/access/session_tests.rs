//! Every cell of the tables of a session against `session.golden`, which is written by hand.

use std::collections::HashMap;

use super::session::{Cell, SessionMove};
use super::{Row, column};
use crate::actor::Role;
use crate::session::Stage;
use crate::session::command::Command;

const GOLDEN: &str = include_str!("session.golden");

/// The lines below the one that begins with a word: name -> cells.
fn table(head: &str) -> (Vec<&'static str>, HashMap<&'static str, Vec<&'static str>>) {
    let mut lines = GOLDEN.lines();
    let words = lines
        .find(|line| line.split_whitespace().next() == Some(head) && line.contains("  "))
        .expect(head);
    let columns: Vec<_> = words.split_whitespace().skip(1).collect();
    let rows = lines
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let mut cells = line.split_whitespace();
            (cells.next().expect("name"), cells.collect::<Vec<_>>())
        })
        .collect::<HashMap<_, _>>();
    assert!(
        rows.values().all(|cells| cells.len() == columns.len()),
        "{head}"
    );
    (columns, rows)
}

/// The name of each move, which is its command's.
fn named() -> impl Iterator<Item = (SessionMove, &'static str)> {
    SessionMove::ALL.into_iter().zip(Command::NAMES)
}

fn letter(cell: Cell) -> &'static str {
    match cell {
        Cell::Never => ".",
        Cell::Area => "a",
        Cell::Commander => "c",
        Cell::Desk => "b",
        Cell::Member => "m",
        Cell::Leads => "l",
        Cell::Helps => "x",
        Cell::OnScene => "s",
        Cell::Party => "p",
        Cell::Asker => "k",
    }
}

#[test]
fn every_cell_is_as_the_golden_table_says() {
    let (_, rows) = table("move");
    // `move` is a move as well: it is the second line of that name.
    assert_eq!(rows.len(), SessionMove::ALL.len());
    for (one, name) in named() {
        let row: Row<Cell> = one.row();
        for role in Role::ALL {
            let at = column(role);
            assert_eq!(letter(row[at]), rows[name][at], "{name} by {role:?}");
        }
    }
}

#[test]
fn every_stage_is_as_the_golden_table_says() {
    let (columns, rows) = table("stage");
    let stages: Vec<String> = Stage::ALL
        .iter()
        .map(|stage| serde_json::to_value(stage).expect("json"))
        .map(|value| value.as_str().expect("name").to_owned())
        .collect();
    assert_eq!(columns, stages);
    assert_eq!(rows.len(), SessionMove::ALL.len());
    for (one, name) in named() {
        for (at, stage) in Stage::ALL.into_iter().enumerate() {
            let may = one.stages().contains(&stage);
            assert_eq!(may, rows[name][at] == "x", "{name} at {stage:?}");
        }
    }
}
