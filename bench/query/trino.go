package query

import (
	"cmp"
	"context"
	"path/filepath"

	"traillake/bench/trino"
	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
)

// openTrino starts the server, and gives it the store's table.
func (b *bench) openTrino(ctx context.Context) error {
	home, err := trino.Home()
	if err != nil {
		return err
	}
	b.say("starting Trino")
	limits := duck.Defaults()
	b.trino, err = trino.Start(ctx, trino.Options{Home: home, Dir: filepath.Join(b.Dir, "trino"),
		Threads: cmp.Or(b.Threads, limits.Threads), Memory: cmp.Or(b.Memory, limits.MaxMemory)})
	if err != nil {
		return err
	}
	store, err := b.lake.Store(ctx, lake.DefaultStore)
	if err != nil {
		return err
	}
	return b.trino.Register(ctx, lake.DefaultStore, filepath.Join(b.lakeDir, "eds", store.ID()))
}

// forTrino is the text of a query of Traillake's for the server.
func (b *bench) forTrino(ctx context.Context, t *task, text string) (string, error) {
	return b.engine.ExplainTrino(ctx, engine.Request{SQL: text, Params: t.params(b.values)})
}

// runTrino has the server answer a query.
func (b *bench) runTrino(ctx context.Context, text string, to *rows) (once, error) {
	o := once{opened: -1, total: -1}
	c, err := b.trino.Run(ctx, text, func(columns []trino.Column, page [][]any) error {
		o.rows += int64(len(page))
		if to == nil {
			return nil
		}
		batch, err := trino.Record(columns, page)
		if err != nil {
			return err
		}
		defer batch.Release()
		return to.add(batch)
	})
	o.Cost, o.read = c.Cost, float64(c.Read)
	return o, err
}
