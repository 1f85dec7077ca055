//! How a name, an address and a text are shown to those who may not see all of them.

/// The longest run of digits shown where numbers are hidden; longer ones are phone or identity
/// numbers.
const MAX_DIGITS_SHOWN: usize = 6;
/// Surnames of two characters, the usual ones.
const LONG_SURNAMES: [&str; 20] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙",
    "夏侯", "轩辕", "端木", "南宫", "司徒", "司空", "独孤", "申屠",
];

/// A surname and no more: 张**.
pub(super) fn surname(name: &str) -> String {
    let name = name.trim();
    let long = LONG_SURNAMES.iter().find(|long| name.starts_with(**long));
    match (long, name.chars().next()) {
        (Some(long), _) => format!("{long}**"),
        (None, Some(first)) => format!("{first}**"),
        (None, None) => String::new(),
    }
}

/// A street and not a door: everything from the first digit on is dropped.
pub(super) fn street(address: &str) -> String {
    let end = address
        .find(|c: char| c.is_ascii_digit() || c.is_numeric())
        .unwrap_or(address.len());
    address[..end]
        .trim_end_matches([' ', '#', '（', '(', ',', '，'])
        .to_owned()
}

/// Puts dots in the place of every long run of digits. Spaces and dashes do not end a run: phone
/// numbers are written with them.
pub(super) fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        let joins = matches!(c, ' ' | '-' | '－' | '\u{a0}') && !run.is_empty();
        if c.is_ascii_digit() || is_wide_digit(c) || joins {
            run.push(c);
            continue;
        }
        push_run(&mut out, &run);
        run.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

fn is_wide_digit(c: char) -> bool {
    ('０'..='９').contains(&c)
}

fn push_run(out: &mut String, run: &str) {
    let digits = run.chars().filter(|c| c.is_numeric()).count();
    if digits <= MAX_DIGITS_SHOWN {
        out.push_str(run);
        return;
    }
    out.push_str("•••");
    let end = run.trim_end_matches(|c: char| !c.is_numeric()).len();
    out.push_str(&run[end..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_sees_a_street_and_no_phone() {
        assert_eq!(street("莲花路 86 号 2 单元"), "莲花路");
        assert_eq!(street("阳光社区"), "阳光社区");
        assert_eq!(
            without_numbers("联系13800001234反映12栋"),
            "联系•••反映12栋"
        );
        assert_eq!(without_numbers("13800001234"), "•••");
        assert_eq!(without_numbers("电话 138-0000 1234 号"), "电话 ••• 号");
        assert_eq!(without_numbers("１３８００００１２３４"), "•••");
        assert_eq!(without_numbers("3 栋 2 单元"), "3 栋 2 单元");
    }

    #[test]
    fn staff_see_a_surname() {
        assert_eq!(surname("张三丰"), "张**");
        assert_eq!(surname("欧阳修"), "欧阳**");
        assert_eq!(surname(" Zhang San"), "Z**");
        assert_eq!(surname(""), "");
    }
}
