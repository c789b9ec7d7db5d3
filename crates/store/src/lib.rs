//! The store: the only crate that names diesel.
//!
//! A caller asks [`Store::read`] or [`Store::write`] for a connection and hands it to the verbs of the
//! table files below. No verb takes a pool or opens a transaction of its own, so any set of them composes.

/// The log of an embedded database, copied into it beside the writing thread.
mod checkpointer;
/// Which engine an address means, and how a connection to it is opened.
pub mod connection;
/// What can go wrong, as the callers need to tell it apart.
pub mod error;
/// What waits, by caller.
mod fair_queue;
/// The embedded migrations, and the refusal to run on a schema from the future.
pub mod migrations;
/// The connections of a process to one server.
mod pool;
/// What diesel's enum of two engines leaves out: instants, enumerations as text, JSON, upserts.
pub mod portable;
/// How PostgreSQL is written to: isolation, and trying again.
mod postgres;
/// Reads on a streaming replica, for callers who must find there what they have written.
mod replica;
mod schema;
/// One `read`, one `write`.
pub mod store;
/// Who may use a connection when.
mod turns;
/// The one thread that writes to an embedded database.
mod writer;

/// Who did, saw or tried what outside the journals of cases.
pub mod audit;
/// What binds each event to the one before it in its case.
pub mod chain;
/// Signed checkpoints over everything that was written so far.
pub mod checkpoints;
/// A SHA-256 digest.
pub mod digest;
/// One root for many digests, and proofs that one is among them.
pub mod merkle;

/// Backups of the embedded database, and putting one in its place.
pub mod backup;
/// A whole installation, from one database to another.
pub mod copy;

/// Work that one process at a time does for all.
pub mod leases;

/// What the database remembers of the master keys.
pub mod key_checks;
/// Keys for personal data, from a file or from the environment.
pub mod keys;
/// Sealing anew what other keys have sealed.
pub mod reseal;
/// Sealing of single fields, and blind indexes for looking them up.
pub mod sealing;
/// The algorithms that seal and index.
pub mod suites;

/// Holidays and swapped working days.
pub mod calendar;
/// The directories and the calendar, parsed for the rules.
pub mod directory;
/// Organs and the rules of who reviews whom.
pub mod organisations;
/// Regions and grids.
pub mod regions;
/// The reference data that ships with the program.
pub mod seed;
/// The three-level tree of topics.
pub mod topics;
/// The accounts of staff.
pub mod users;

/// What must not be twice at one time: a leader's session, a petitioner's booking, a matter's.
pub mod reception_clashes;
/// The journals of sessions, in the words of the domain.
pub mod reception_journal;
/// The sessions that somebody may know of.
pub mod reception_list;
/// How often leaders are to receive visits, and how often they did.
pub mod reception_norms;
/// Sessions in which leading cadres receive visits: lists, and what must not be booked twice.
pub mod receptions;

/// Who acts in whose place, and for how long.
pub mod delegations;
/// Proposals to destroy personal data, and what became of them.
pub mod erasures;
/// Who an account is at a provider of OpenID Connect.
pub mod external_identities;
/// Passwords that an account had before.
pub mod former_passwords;
/// Answers kept for repeated requests.
pub mod idempotency;
/// The version of the directories.
pub mod meta;
/// Authenticators, recovery codes, and the sign-ins that wait for one of them.
pub mod second_factors;
/// Refresh tokens, their rotation and the detection of a stolen one.
pub mod sessions;
/// Failed sign-ins in a row, and locks.
pub mod sign_in_failures;
/// The keys that sign access tokens.
pub mod token_keys;

/// Many cases at once, for making data to measure on.
pub mod bulk;
/// One command on many cases, which are read together and written together.
pub mod case_batch;
/// The journal in the words of the domain: load by folding, change by appending.
pub mod case_journal;
/// The keys of confidential cases.
pub mod case_keys;
/// The cases that a user may know of, filtered, ordered and paged.
pub mod case_list;
/// Serial numbers of cases.
pub mod case_numbers;
/// The orders of that list, and the places in them.
mod case_order;
/// The case as lists and look-ups see it.
pub mod cases;
/// What the clocks change of many cases on PostgreSQL.
mod clock_changes;
/// What the engine itself can do, for measurements.
pub mod floor;
/// The events of each case: the truth.
pub mod journal;
/// What leaders have in charge.
pub mod leaders;
/// A new case: its people, its read tables and its first events.
pub mod new_case;
/// Petitioners and others, sealed.
pub mod people;
/// The read tables of one case, written where they changed.
pub mod projection;
/// What the read tables are to say of a case.
pub mod projection_of;
/// The read tables of many cases at once.
mod read_tables;
/// The read tables made again from the journal, or compared with it.
pub mod rebuild;
/// Events between the words of the domain and the rows of the journal.
mod recorded;
/// What rows of the read tables refer to though it is not there.
mod references;
/// A run of cases, as the journal and the read tables have it.
mod slice;
/// Whether the whole installation holds together.
pub mod verify;

pub use connection::{AnyConnection, DatabaseUrl};
pub use error::{Failure, StoreError};
pub use portable::Instant;
pub use store::{Store, StoreOptions};
