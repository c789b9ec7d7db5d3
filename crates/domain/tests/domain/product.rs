//! The whole product: every state × every command × every relation, for a caller with all duties and
//! exactly one relation, printed to reviewed files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::access::{Actor, Duty, GRANTS, Relation, Role, Staff, relations};
use domain::case::transitions::{TRANSITIONS, rows};
use domain::case::{Case, Command, CommandKind, Status, Track, actions, decide};
use domain::deadline::{ClockKind, Length};
use domain::id::{CaseId, OrganisationId};
use domain::language::{Language, label};
use domain::refusal::{Refusal, RefusalCode};
use strum::{EnumProperty, VariantArray};

use crate::golden::reviewed;
use crate::municipality::*;
use crate::payloads::{erase, remark};
use crate::stages::{case_in, states};
use crate::tale::{Tale, context};

fn letter(relation: Relation) -> char {
    relation.get_str("letter").and_then(|text| text.chars().next()).unwrap()
}

/// A caller whose only relation to the case is the one given, with every duty; none where the case has no
/// place for such a caller.
fn somebody(relation: Relation, case: &Case) -> Option<Actor> {
    let of_organs = (1..=13).map(|id| newcomer(Role::Official, OrganisationId::new(id), None));
    let of_the_place = [
        newcomer(Role::GridMember, ELSEWHERE, Some(GRID)),
        newcomer(Role::Reviewer, ELSEWHERE, Some(COUNTY)),
        newcomer(Role::Official, ELSEWHERE, Some(COUNTY)),
    ];
    let known = case.users().chain(case.registered_by);
    let involved = known.map(|user| Staff { user, ..newcomer(Role::Official, ELSEWHERE, None) });
    of_organs
        .chain(of_the_place)
        .chain(involved)
        .map(|mut staff| {
            // Everybody else would be a leading cadre of the organ or the place besides.
            if relation != Relation::Leader {
                staff.duties.remove(&Duty::Lead);
            }
            Actor::Staff(staff)
        })
        .chain([Actor::Petitioner, Actor::System])
        .find(|actor| relations(actor, case, &DIRECTORY) == BTreeSet::from([relation]))
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Openness {
    /// The state or the right forbids it.
    Closed,
    /// State and right allow it; a fact of this case stands in the way.
    Hindered,
    Open,
}

fn openness(refusal: Option<&Refusal>) -> Openness {
    match refusal.map(|refusal| refusal.code) {
        None => Openness::Open,
        Some(
            RefusalCode::WrongTrack
            | RefusalCode::StateForbids
            | RefusalCode::NotYours
            | RefusalCode::MustBeRecused,
        ) => Openness::Closed,
        Some(_) => Openness::Hindered,
    }
}

/// What nobody can call over the API, decided with a payload.
fn of_the_system(command: CommandKind) -> Option<Command> {
    match command {
        CommandKind::NoteRepeat => Some(Command::NoteRepeat(CaseId::new(8_000_000))),
        CommandKind::Sweep => Some(Command::Sweep),
        CommandKind::Recompute => Some(Command::Recompute(remark("日历更新"))),
        CommandKind::Erase => Some(erase()),
        _ => None,
    }
}

/// For every command, how open it is to the caller.
fn open_to(actor: &Actor, tale: &Tale) -> Vec<(CommandKind, Openness)> {
    let context = context(actor, tale.today, &tale.rules, tale.earlier);
    let listed = actions(&tale.case, &context);
    CommandKind::VARIANTS
        .iter()
        .map(|command| {
            let open = match of_the_system(*command) {
                Some(given) => openness(decide(&tale.case, &given, &context).err().as_ref()),
                None => listed
                    .iter()
                    .filter(|action| action.command == *command)
                    .map(|action| openness(action.refusal.as_ref()))
                    .max()
                    // What is about an order or an instruction is listed where there is one.
                    .unwrap_or(Openness::Closed),
            };
            (*command, open)
        })
        .collect()
}

/// The letters of those for whom each command is open in the state: one entry a command.
fn cells(tale: &Tale) -> Vec<String> {
    let mut cells = vec![String::new(); CommandKind::VARIANTS.len()];
    for relation in Relation::VARIANTS {
        let Some(actor) = somebody(*relation, &tale.case) else { continue };
        for (cell, (_, open)) in cells.iter_mut().zip(open_to(&actor, tale)) {
            match open {
                Openness::Open => cell.push(letter(*relation)),
                Openness::Hindered => cell.push(letter(*relation).to_ascii_lowercase()),
                Openness::Closed => {}
            }
        }
    }
    cells.into_iter().map(|cell| if cell.is_empty() { "·".to_owned() } else { cell }).collect()
}

/// A short name for a column: the first two letters of each word.
fn short(status: Status) -> String {
    let name = status.as_ref();
    let words: Vec<_> = name.split('_').collect();
    let taken = if words.len() == 1 { 4 } else { 2 };
    words.iter().flat_map(|word| word.chars().take(taken)).collect()
}

fn matrix(track: Track, out: &mut String) {
    let states = states(track);
    let columns: Vec<Vec<String>> = states.iter().map(|status| cells(&case_in(*status, track))).collect();
    let widths: Vec<usize> = states
        .iter()
        .zip(&columns)
        .map(|(status, column)| {
            column.iter().map(|cell| cell.chars().count()).max().unwrap().max(short(*status).len())
        })
        .collect();
    let line = |first: &str, entries: Vec<&str>| {
        let mut line = format!("{first:<23}");
        for (entry, width) in entries.iter().zip(&widths) {
            let _ = write!(line, " {entry:<width$}");
        }
        line.trim_end().to_owned()
    };
    let names: Vec<String> = states.iter().map(|status| short(*status)).collect();
    let _ = writeln!(
        out,
        "\n== {} ({}) ==\n",
        label(&track, Language::English),
        label(&track, Language::Chinese)
    );
    let _ = writeln!(out, "{}", line("", names.iter().map(String::as_str).collect()));
    for (row, command) in CommandKind::VARIANTS.iter().enumerate() {
        if rows(*command, track).next().is_some() {
            let entries = columns.iter().map(|column| column[row].as_str()).collect();
            let _ = writeln!(out, "{}", line(command.as_ref(), entries));
        }
    }
}

#[test]
fn every_state_command_and_relation_is_as_reviewed() {
    let mut out = String::from(
        "The whole product: for whom each command (row) is open in each state (column), for a caller with\n\
         every duty and exactly one relation to the case. A capital says that it is open on the sample case\n\
         of that state; a small letter that state and right allow it but a fact of that case stands in the\n\
         way; a dot that nobody may.\n\n",
    );
    for relation in Relation::VARIANTS {
        let _ = writeln!(out, "  {}  {}", letter(*relation), relation.as_ref());
    }
    out.push('\n');
    for status in Status::VARIANTS {
        let _ = writeln!(
            out,
            "  {:<7} {} ({})",
            short(*status),
            status.as_ref(),
            label(status, Language::Chinese)
        );
    }
    for track in Track::VARIANTS {
        matrix(*track, &mut out);
    }
    reviewed("tests/output/transitions.txt", &out);
}

#[test]
fn the_states_of_each_track_are_those_that_the_table_reaches() {
    for track in Track::VARIANTS {
        let mut reached = BTreeSet::from([Status::Registered]);
        if *track != Track::Accusation {
            reached.insert(Status::PendingAcceptance);
        }
        loop {
            let further: BTreeSet<_> = TRANSITIONS
                .iter()
                .filter(|row| row.tracks.contains(track) && row.from.iter().any(|it| reached.contains(it)))
                .flat_map(|row| row.to.iter().copied())
                .filter(|status| !reached.contains(status))
                .collect();
            if further.is_empty() {
                break;
            }
            reached.extend(further);
        }
        let built: BTreeSet<_> = states(*track).into_iter().collect();
        assert_eq!(built, reached, "{track:?}");
    }
}

#[test]
fn every_state_but_the_last_has_a_way_out_that_somebody_may_take() {
    for track in Track::VARIANTS {
        for status in states(*track).into_iter().filter(|status| *status != Status::Archived) {
            let tale = case_in(status, *track);
            let leads_on = |command: CommandKind| {
                rows(command, *track)
                    .filter(|row| row.from.contains(&status))
                    .any(|row| row.to.iter().any(|to| *to != status))
            };
            let way_out = Relation::VARIANTS
                .iter()
                .filter_map(|relation| somebody(*relation, &tale.case))
                .flat_map(|actor| open_to(&actor, &tale))
                .any(|(command, open)| open == Openness::Open && leads_on(command));
            assert!(way_out, "{track:?} {status:?}");
        }
    }
}

#[test]
fn the_grants_are_as_reviewed() {
    let mut out = String::from(
        "Who may give each command: duty@relation, or the relation alone where no duty is asked for.\n\
         Nobody may on a case that they may not know of; an accusation is known to who has the duty `accusation` (Art. 30).\n\n",
    );
    for command in CommandKind::VARIANTS {
        let grants: Vec<_> = GRANTS
            .iter()
            .filter(|grant| grant.command == *command)
            .map(|grant| match grant.duty {
                Some(duty) => format!("{}@{}", duty.as_ref(), grant.relation.as_ref()),
                None => grant.relation.as_ref().to_owned(),
            })
            .collect();
        let _ = writeln!(out, "{:<23} {}", command.as_ref(), grants.join("  "));
    }
    reviewed("tests/output/grants.txt", &out);
}

#[test]
fn the_clocks_are_as_reviewed() {
    let mut out = String::from(
        "The clocks: letter of domain.md §1.5, kind, length, article, what may pause it, who must act.\n\n",
    );
    for kind in ClockKind::VARIANTS {
        let row = kind.row();
        let length = match row.length {
            Length::Days(days) => format!("{days} days"),
            Length::WorkingDays(days) => format!("{days} working days"),
            Length::AsWritten => "as written".to_owned(),
            Length::Configured => "configured".to_owned(),
        };
        let article = row.article.map_or_else(|| "-".to_owned(), |article| format!("Art. {}", article.0));
        let pauses: Vec<&str> = row.pauses.iter().map(|pause| pause.as_ref()).collect();
        let pauses = if pauses.is_empty() { "never".to_owned() } else { pauses.join(", ") };
        let line = format!(
            "{:<3} {:<18} {length:<16} {article:<8} {pauses:<8} {:?}",
            row.letter,
            kind.as_ref(),
            row.runner
        );
        let _ = writeln!(out, "{line}");
    }
    reviewed("tests/output/clocks.txt", &out);
}
