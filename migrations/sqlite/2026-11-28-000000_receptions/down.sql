-- The journals of sessions stay; an earlier program takes them for cases that it cannot read, so there is a way back only
-- until the first is planned.
DROP TABLE reception_bookings;
DROP TABLE receptions;
