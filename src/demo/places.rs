//! The demonstration municipality's regions: one city, two counties, four townships, eight villages, sixteen grids.
//!
//! The codes begin with 9901, which GB/T 2260 gives to nobody, and the names are made up.

use chrono::NaiveDate;
use domain::region::{RegionCode, RegionError};
use store::regions::RegionRow;

/// The city.
pub const CITY: &str = "990100000000";

/// Every region down to the township, a parent before its children.
const REGIONS: [(&str, &str); 7] = [
    (CITY, "到位市"),
    ("990121000000", "临水县"),
    ("990122000000", "望山区"),
    ("990121100000", "柳溪镇"),
    ("990121200000", "青石乡"),
    ("990122001000", "东桥街道"),
    ("990122100000", "北岭镇"),
];

/// The villages, two of each township in its order: `grid.0301` works in the third village's first grid.
pub const VILLAGES: [(&str, &str); 8] = [
    ("990121100201", "柳溪村"),
    ("990121100202", "上湾村"),
    ("990121200201", "青石村"),
    ("990121200202", "槐荫村"),
    ("990122001001", "东桥社区"),
    ("990122001002", "新街社区"),
    ("990122100201", "北岭村"),
    ("990122100202", "梨园村"),
];

/// What there was before needs no directory.
const VALID_FROM: NaiveDate = match NaiveDate::from_ymd_opt(1949, 10, 1) {
    Some(founding) => founding,
    None => NaiveDate::MIN,
};

/// The grids of every village.
pub const GRIDS: [&str; 2] = ["第一网格", "第二网格"];

/// The code of a village's grid, counted from one.
pub fn grid_code(village: &str, grid: usize) -> String {
    format!("{village}{grid:03}")
}

/// The rows of the directory, valid since the founding of the state.
///
/// # Errors
/// A code of the table above is no region code.
pub fn rows() -> Result<Vec<RegionRow>, RegionError> {
    let mut rows = Vec::new();
    for (code, name) in REGIONS.into_iter().chain(VILLAGES) {
        rows.push(row(code, name.to_owned())?);
    }
    for (village, name) in VILLAGES {
        for (grid, number) in GRIDS.into_iter().zip(1..) {
            rows.push(row(&grid_code(village, number), format!("{name}{grid}"))?);
        }
    }
    Ok(rows)
}

fn row(code: &str, name: String) -> Result<RegionRow, RegionError> {
    let region: RegionCode = code.parse()?;
    Ok(RegionRow {
        code: code.to_owned(),
        name,
        level: region.level().as_ref().to_owned(),
        // The province is not part of the demonstration.
        parent_code: region.parent().filter(|_| code != CITY).map(String::from),
        valid_from: VALID_FROM,
        valid_to: None,
        successor_code: None,
    })
}
