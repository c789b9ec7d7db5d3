//! The rules of petition work (信访工作): pure, with no I/O, no clock and no randomness.
//!
//! | room | what it decides |
//! |---|---|
//! | [`case`] | the aggregate: what a command makes happen, what an event changes, what is open to whom |
//! | [`measure`] | three in place and one treatment: the measures and the evidence that each needs |
//! | [`deadline`] | the clocks, both due dates, the holiday calendar |
//! | [`access`] | roles, duties, relations, grants, and which cases a user may know of |
//! | [`reception`] | sessions in which leading cadres receive visits, and the bookings for them |
//! | [`journal`] | an entry of a journal, of a case or of a session |
//! | [`audit`] | what the audit trail records besides the journals |
//! | [`organisation`] | organs, and who reviews whose decisions |
//! | [`region`], [`person`] | parsed codes and particulars |
//! | [`refusal`] | every reason for refusing, with its article |
//! | [`text`], [`id`], [`language`] | bounded text, identifiers, the two languages |

pub mod access;
pub mod audit;
pub mod case;
pub mod deadline;
pub mod id;
pub mod journal;
pub mod language;
pub mod measure;
pub mod organisation;
pub mod person;
pub mod reception;
pub mod refusal;
pub mod region;
pub mod text;
