CREATE TABLE account (
  name text PRIMARY KEY,
  cents bigint NOT NULL CHECK (cents >= 0)
);

CREATE FUNCTION transfer(payer text, payee text, amount bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE account SET cents = cents - amount WHERE name = payer;
  UPDATE account SET cents = cents + amount WHERE name = payee;
$$;
