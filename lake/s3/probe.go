package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/uuid"
)

// probePrefix begins the keys of probes. The lake removes files that are called so if they
// are left behind.
const probePrefix = ".tmp-probe-"

var errNoMetadata = errors.New("it does not keep the metadata of objects")

// demandConditional makes sure, before the first conditional write, that the service makes
// such writes: of two under one key the second must fail, and leave the first as it was.
func (s *Storage) demandConditional(ctx context.Context) error {
	s.probed.mu.Lock()
	defer s.probed.mu.Unlock()
	if s.probed.done {
		return nil
	}
	if err := s.tryConditional(ctx); err != nil {
		return fmt.Errorf("probe bucket %s: %w", s.bucket, err)
	}
	s.probed.done = true
	return nil
}

func (s *Storage) tryConditional(ctx context.Context) (err error) {
	name := probePrefix + uuid.NewString()
	key, first := s.key(name), uuid.NewString()
	err = s.conditional(ctx, key, first, attemptTime, func(ctx context.Context) error {
		return s.putOnce(ctx, key, first, []byte(first))
	})
	switch {
	case statusOf(err) == http.StatusNotImplemented:
		return refusal(s.server("", err), err)
	case errors.Is(err, fs.ErrExist):
		// Nobody else has this name, so what is there is ours and lost its id.
		return errors.Join(refusal(s.server("", err), errNoMetadata), s.Remove(ctx, name))
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, s.Remove(context.WithoutCancel(ctx), name)) }()
	server, second := "", uuid.NewString()
	deadline := time.Now().Add(s.patience)
	for n := 0; ; n++ {
		header, err := s.overwrite(ctx, key, second)
		server = s.server(header, err)
		if kindOf(err) == made || kindOf(err) == taken {
			break
		}
		if kindOf(err) == refused || time.Now().After(deadline) {
			return s.explain(err, "write", "s3:PutObject", key)
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
	switch owner, err := s.owner(ctx, key, deadline); {
	case err != nil:
		return err
	case owner == "":
		return refusal(server, errNoMetadata)
	case owner != first:
		return refusal(server, errors.New("it made a write that was to fail because of If-None-Match"))
	}
	return nil
}

// overwrite tries to write over an object that is there, and returns what the server
// calls itself.
func (s *Storage) overwrite(ctx context.Context, key, id string) (server string, err error) {
	in := s.object(key, sha256.Sum256([]byte(id)), id)
	in.IfNoneMatch = aws.String("*")
	in.Body = bytes.NewReader([]byte(id))
	actx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	out, err := s.client.PutObject(actx, in, once)
	if err == nil {
		return serverHeader(out.ResultMetadata), nil
	}
	return "", err
}

func serverHeader(m middleware.Metadata) string {
	if raw, ok := awsmiddleware.GetRawResponse(m).(*smithyhttp.Response); ok {
		return raw.Header.Get("Server")
	}
	return ""
}

// server names the service by what it calls itself, in a reply or in the error that came in
// its place, and by its address.
func (s *Storage) server(header string, err error) string {
	var reply *smithyhttp.ResponseError
	if header == "" && errors.As(err, &reply) {
		header = reply.Response.Header.Get("Server")
	}
	if header == "" {
		return s.endpoint()
	}
	return header + " at " + s.endpoint()
}

// endpoint is the address of the service.
func (s *Storage) endpoint() string {
	if e := s.client.Options().BaseEndpoint; e != nil {
		return *e
	}
	return "Amazon S3 in " + s.client.Options().Region
}

func refusal(server string, why error) error {
	return fmt.Errorf("%s cannot hold a lake: %w: %w", server, ErrConditional, why)
}
