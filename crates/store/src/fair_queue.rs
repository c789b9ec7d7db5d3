//! What waits, by caller: who asks for much waits behind their own, and not everybody behind them.

use std::collections::{HashMap, VecDeque};

/// A bounded queue that gives each caller who waits one turn after the other.
pub(crate) struct FairQueue<T> {
    lines: HashMap<String, VecDeque<T>>,
    /// Whose turn comes when: every caller with a line, once.
    turns: VecDeque<String>,
    length: usize,
    bound: usize,
}

/// The queue is full, or the caller's part of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl<T> FairQueue<T> {
    /// An empty queue for at most so many.
    pub(crate) fn new(bound: usize) -> Self {
        Self { lines: HashMap::new(), turns: VecDeque::new(), length: 0, bound }
    }

    /// Puts something behind what the caller waits for already; without a caller it is the system's own.
    ///
    /// One caller takes up no more than half of the queue, so that there is always room for another.
    ///
    /// # Errors
    /// [`Full`].
    pub(crate) fn push(&mut self, caller: Option<&str>, waiting: T) -> Result<(), Full> {
        let most = if caller.is_some() { self.bound.div_ceil(2) } else { self.bound };
        let name = caller.unwrap_or_default();
        let line = self.lines.get(name).map_or(0, VecDeque::len);
        if self.length >= self.bound || line >= most {
            return Err(Full);
        }
        self.length += 1;
        match self.lines.get_mut(name) {
            Some(line) => line.push_back(waiting),
            None => {
                self.lines.insert(name.to_owned(), VecDeque::from([waiting]));
                self.turns.push_back(name.to_owned());
            }
        }
        Ok(())
    }

    /// What comes next, if anything waits.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let caller = self.turns.pop_front()?;
        let line = self.lines.get_mut(&caller)?;
        let next = line.pop_front()?;
        self.length -= 1;
        if line.is_empty() {
            self.lines.remove(&caller);
        } else {
            self.turns.push_back(caller);
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_take_turns_and_each_keeps_its_own_order() {
        let mut queue = FairQueue::new(100);
        for number in 1..=4 {
            queue.push(Some("flood"), format!("flood {number}")).unwrap();
        }
        queue.push(Some("one"), "one".to_owned()).unwrap();
        queue.push(None, "system".to_owned()).unwrap();
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(order, ["flood 1", "one", "system", "flood 2", "flood 3", "flood 4"]);
    }

    #[test]
    fn one_caller_leaves_room_for_another_and_nobody_goes_past_the_bound() {
        let mut queue = FairQueue::new(4);
        let pushed: Vec<_> = (0..4).map(|number| queue.push(Some("flood"), number).is_ok()).collect();
        assert_eq!(pushed, [true, true, false, false]);
        assert_eq!(queue.push(Some("another"), 4), Ok(()));
        assert_eq!(queue.push(None, 5), Ok(()));
        assert_eq!(queue.push(None, 6), Err(Full));
        assert_eq!(queue.push(Some("third"), 7), Err(Full));
        queue.pop();
        assert_eq!(queue.push(Some("flood"), 8), Ok(()), "room that was left is room again");
    }
}
