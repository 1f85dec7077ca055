//! `gridlamp check`: every fault of a county pack, with its place and its remedy.

use std::path::PathBuf;

use geodata::region::Level;

use crate::county;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The pack's folder.
    folder: PathBuf,
}

pub(super) fn run(args: &Args) -> i32 {
    let (pack, faults) = county::read(&args.folder);
    for fault in &faults {
        let kind = if fault.fatal { "FAULT" } else { "note" };
        println!(
            "{kind}  {}\n       {}\n       -> {}",
            fault.place, fault.message, fault.remedy
        );
    }
    let fatal = faults.iter().filter(|fault| fault.fatal).count();
    let Some(pack) = pack else {
        println!("{fatal} faults");
        return 1;
    };
    let tree = &pack.county.tree;
    println!(
        "{} {}: {} townships, {} villages, {} grids, {} categories; no fault, {} notes",
        pack.county.code,
        pack.county.name,
        tree.len_at(Level::Township),
        tree.len_at(Level::Village),
        tree.len_at(Level::Grid),
        pack.county.catalogue.items.len(),
        faults.len() - fatal,
    );
    0
}
