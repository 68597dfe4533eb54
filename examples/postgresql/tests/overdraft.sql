INSERT INTO account VALUES ('ann', 100), ('ben', 0);

DO $$
BEGIN
  PERFORM transfer('ann', 'ben', 200);
  RAISE 'the transfer was made';
EXCEPTION
  WHEN check_violation THEN
    ASSERT (SELECT cents FROM account WHERE name = 'ann') = 100, 'nothing has moved';
END
$$;
