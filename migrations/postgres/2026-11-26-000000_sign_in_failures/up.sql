-- Failed sign-ins in a row: of an account from one network, and of an account from anywhere, whose network is empty. An account
-- that does not exist is counted as well, in one of a bounded number of places, so that it looks like one that does.
CREATE TABLE sign_in_failures (
    account TEXT COLLATE "C" NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    failed INTEGER NOT NULL CHECK (failed > 0),
    last_at TIMESTAMP NOT NULL,
    CONSTRAINT sign_in_failures_account_network_key PRIMARY KEY (account, network)
);
CREATE INDEX sign_in_failures_last_at ON sign_in_failures (last_at);
