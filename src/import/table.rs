//! The table: its columns, its encoding, and what each row says.

use std::collections::HashMap;
use std::io::Read;

use anyhow::{Context, bail};
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use csv::ByteRecord;
use domain::person::PersonName;
use domain::text::{Line, Narrative, Text, TextError};
use strum::{AsRefStr, EnumString, IntoStaticStr, VariantArray};

use super::dates;

/// The longest header that is told back, in characters.
const LONGEST_HEADER: usize = 20;

/// A column of the table, by the name that its header has unless told otherwise.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, AsRefStr, EnumString, IntoStaticStr, VariantArray, strum::Display,
)]
#[strum(serialize_all = "snake_case")]
pub enum Column {
    /// The petition's number in the other system.
    SourceNo,
    /// What the other system knows the petitioner by; empty for one without a name.
    PetitionerRef,
    /// What it is about.
    Subject,
    /// When it was filed.
    FiledAt,
    /// The petitioner's words.
    Narrative,
    /// The answer; the column may be missing, and a row without one is an open case.
    Reply,
    /// When it was answered.
    RepliedAt,
}

impl Column {
    const fn may_be_missing(self) -> bool {
        matches!(self, Self::Reply | Self::RepliedAt)
    }
}

/// Headers that differ from the columns' own names.
pub type ColumnNames = HashMap<Column, String>;

/// How the table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    /// GB 18030, which takes in GBK and GB 2312.
    #[value(name = "gb18030", alias = "gbk")]
    Gb18030,
}

impl Encoding {
    fn read(self, bytes: &[u8]) -> Option<String> {
        let encoding = match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Gb18030 => encoding_rs::GB18030,
        };
        let read = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        read.map(std::borrow::Cow::into_owned)
    }
}

/// An earlier petition.
pub struct Earlier {
    /// The line of the table on which it begins.
    pub line: u64,
    pub source_no: Line,
    /// None for one without a name.
    pub petitioner: Option<PersonName>,
    pub subject: Line,
    /// In UTC.
    pub filed_at: DateTime<Utc>,
    pub narrative: Narrative,
    /// None for one that is still open.
    pub reply: Option<Reply>,
}

/// The answer that an earlier petition had.
pub struct Reply {
    pub content: Narrative,
    /// In UTC.
    pub replied_at: DateTime<Utc>,
}

/// A row: the petition, or why it cannot be taken.
pub struct Row {
    /// The line of the table on which it begins, from one.
    pub line: u64,
    pub parsed: Result<Earlier, String>,
}

/// A table that is read row by row.
///
/// It is split into fields before it is decoded: neither encoding has the bytes of a comma, a quote or a line
/// break inside another character, and a row with bytes that are no text is then refused alone.
pub struct Table<R> {
    reader: csv::Reader<R>,
    record: ByteRecord,
    places: HashMap<Column, usize>,
    encoding: Encoding,
    zone: FixedOffset,
}

impl<R: Read> Table<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// It is not in the encoding, or lacks a column.
    pub fn open(
        source: R,
        names: &ColumnNames,
        encoding: Encoding,
        zone: FixedOffset,
    ) -> anyhow::Result<Self> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
        let header = reader.byte_headers().context("the header")?.clone();
        let mut headers = Vec::new();
        for cell in &header {
            let text = encoding.read(cell).with_context(|| {
                format!("the header is not {encoding:?}; say which encoding with --encoding")
            })?;
            headers.push(text.trim_start_matches('\u{feff}').trim().to_owned());
        }
        let mut places = HashMap::new();
        let mut missing = Vec::new();
        for column in Column::VARIANTS {
            let name = names.get(column).map_or(column.as_ref(), String::as_str);
            match headers.iter().position(|header| header == name) {
                Some(place) => _ = places.insert(*column, place),
                // A name that was given is meant to be there.
                None if column.may_be_missing() && !names.contains_key(column) => {}
                None => missing.push(format!("{column} (looked for {name:?})")),
            }
        }
        if !missing.is_empty() {
            let headers: Vec<String> = headers.iter().map(|header| shown(header)).collect();
            let (missing, headers) = (missing.join(", "), headers.join(", "));
            bail!("the table has no column {missing}; it has {headers}; map them with --map COLUMN=HEADER");
        }
        Ok(Self { reader, record: ByteRecord::new(), places, encoding, zone })
    }

    /// How many bytes have been read.
    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next row, if there is one.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn next_row(&mut self) -> anyhow::Result<Option<Row>> {
        if !self.reader.read_byte_record(&mut self.record).context("the table")? {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        Ok(Some(Row { line, parsed: self.parsed(line) }))
    }

    fn parsed(&self, line: u64) -> Result<Earlier, String> {
        let (content, replied_at) = (self.cell(Column::Reply)?, self.cell(Column::RepliedAt)?);
        let reply = match (content.is_empty(), replied_at.is_empty()) {
            (true, true) => None,
            (false, false) => Some(Reply {
                content: text(Column::Reply, &content)?,
                replied_at: self.time(Column::RepliedAt, &replied_at)?,
            }),
            (true, false) => return Err("replied_at is there without a reply".to_owned()),
            (false, true) => return Err("reply is there without replied_at".to_owned()),
        };
        let reference = self.cell(Column::PetitionerRef)?;
        let petitioner = match reference.as_str() {
            "" => None,
            name => Some(name.parse().map_err(|error| format!("petitioner_ref: {error}"))?),
        };
        Ok(Earlier {
            line,
            source_no: text(Column::SourceNo, &self.cell(Column::SourceNo)?)?,
            petitioner,
            subject: text(Column::Subject, &self.cell(Column::Subject)?)?,
            filed_at: self.time(Column::FiledAt, &self.cell(Column::FiledAt)?)?,
            narrative: text(Column::Narrative, &self.cell(Column::Narrative)?)?,
            reply,
        })
    }

    /// The trimmed text of a cell; nothing where the column or the cell is missing.
    fn cell(&self, column: Column) -> Result<String, String> {
        let bytes = self.places.get(&column).and_then(|place| self.record.get(*place)).unwrap_or_default();
        let text = self.encoding.read(bytes).ok_or_else(|| format!("{column} is not {:?}", self.encoding))?;
        Ok(text.trim().to_owned())
    }

    fn time(&self, column: Column, text: &str) -> Result<DateTime<Utc>, String> {
        dates::parse(text, self.zone).map_err(|reason| format!("{column}: {reason}"))
    }
}

/// A header, unless it is so long that the table may have none and a petition stands in its place.
fn shown(header: &str) -> String {
    match header.chars().count() {
        0..=LONGEST_HEADER => header.to_owned(),
        count => format!("({count} characters)"),
    }
}

fn text<const MOST: usize>(column: Column, text: &str) -> Result<Text<MOST>, String> {
    Text::parse(text).map_err(|error: TextError| format!("{column} {error}"))
}

impl Earlier {
    /// Refuses times that cannot be: before the state was founded, after `now`, or an answer before its petition.
    /// The domain would refuse the last too, but a row that it refuses costs its batch a second beginning.
    pub fn check_times(&self, now: DateTime<Utc>) -> Result<(), String> {
        let founded = NaiveDate::from_ymd_opt(1949, 10, 1).unwrap_or(NaiveDate::MIN);
        let replied_at = self.reply.as_ref().map(|reply| (Column::RepliedAt, reply.replied_at));
        for (column, instant) in std::iter::once((Column::FiledAt, self.filed_at)).chain(replied_at) {
            if instant > now {
                return Err(format!("{column} is in the future"));
            }
            if instant.date_naive() < founded {
                return Err(format!("{column} is before 1949-10-01"));
            }
        }
        if replied_at.is_some_and(|(_, replied_at)| replied_at < self.filed_at) {
            return Err("replied_at is before filed_at".to_owned());
        }
        Ok(())
    }
}
