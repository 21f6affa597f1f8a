//! Short forms of English first names: `nicknames.csv`, from Carlton Northern's collection (Apache-2.0).
//! Each line is a name and what people who bear it are called.

use std::collections::HashMap;
use std::sync::LazyLock;

static TABLE: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    include_str!("../nicknames.csv")
        .lines()
        .filter_map(|line| {
            let mut names = line.split(',').map(str::trim);
            Some((names.next()?, names.collect()))
        })
        .collect()
});

/// Spellings of one name in Latin letters that documents use side by side.
const SPELLINGS: &[&[&str]] = &[
    &["muhammad", "mohammed", "mohammad", "mohamed", "muhammed", "mohamad", "mehmet", "mohd"],
    &["ahmad", "ahmed", "ahmet"],
    &["yusuf", "yousef", "youssef", "yusef", "yosef"],
    &["aleksandr", "alexander", "aleksander", "alexandr", "oleksandr"],
    &["sergey", "sergei", "serhii", "serhiy"],
    &["dmitry", "dmitri", "dmitrii", "dmytro"],
    &["yulia", "julia", "iuliia", "yuliya"],
    &["ekaterina", "yekaterina", "kateryna"],
    &["fatima", "fatimah", "fatma"],
    &["aisha", "ayesha", "aysha", "aishah"],
    &["hussein", "hussain", "husayn", "huseyin"],
    &["ali", "aly"],
    &["omar", "umar", "omer"],
    &["khadija", "khadijah"],
    &["andrei", "andrey", "andrii"],
    &["mikhail", "mykhailo", "michail"],
];

/// Whether one is a short form of the other, or another spelling of it. Two short forms of one name are
/// not enough: Pat may be Patricia or Patrick.
pub fn are_related(one: &str, other: &str) -> bool {
    let short = |long: &str, short: &str| TABLE.get(long).is_some_and(|names| names.contains(&short));
    let spelled = SPELLINGS.iter().any(|group| group.contains(&one) && group.contains(&other));
    one != other && (short(one, other) || short(other, one) || spelled)
}
